"""The only module that imports torch and sentence-transformers, inside the function that the owner thread calls."""

from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from search.encoder.folder import FolderInfo
from search.encoder.lanes import ModelFunction
from search.errors import EncoderUnavailable

Backend = Literal["auto", "fp32", "bf16"]


def load_model(
    folder: Path, info: FolderInfo, *, backend: Backend = "auto", threads: int | None = None
) -> tuple[ModelFunction, str]:
    """Load the folder on the processor, without network, and return the model with the backend chosen.

    `auto` takes bf16 where the processor multiplies it (AVX512-BF16 or AMX), else fp32. bf16 keeps the linear layers'
    weights in bf16 and lets autocast leave norms, softmax and sums in fp32: cosine to fp32 above 0.9999, measured.
    Call it on the thread that will run the model. Raises `EncoderUnavailable` when the folder does not fit its description.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    quiet: Any = transformers_logging  # its functions have no types
    quiet.disable_progress_bar()
    if threads is not None:
        torch.set_num_threads(threads)
    model: Any = SentenceTransformer(
        str(folder), device="cpu", local_files_only=True, trust_remote_code=False, model_kwargs={"dtype": torch.float32}
    )
    model.eval()
    model.max_seq_length = info.max_tokens
    dimension = model.get_embedding_dimension()
    if dimension != info.dimension:
        raise EncoderUnavailable(f"The encoder in {folder} gives {dimension} dimensions where it declares {info.dimension}.")
    fast = backend == "bf16" or (backend == "auto" and _multiplies_bf16(torch))
    if fast:
        for module in model.modules():
            # Converted once: autocast alone would convert them again at every call (a third of a short query's time).
            if isinstance(module, torch.nn.Linear):
                module.to(torch.bfloat16)

    def run(texts: list[str], prompt: str) -> NDArray[np.float32]:
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=fast):
            tensor = model.encode(texts, prompt=prompt, batch_size=len(texts), show_progress_bar=False, convert_to_tensor=True)
        rows: NDArray[np.float32] = tensor.float().numpy()
        return rows

    return run, "bf16" if fast else "fp32"


def _multiplies_bf16(torch: Any) -> bool:
    """Whether the processor has bf16 products; torch only tells through names that a release may move."""
    for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        probe = getattr(torch.cpu, name, None)
        if probe is not None and probe():
            return True
    return False
