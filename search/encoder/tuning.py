"""Teaches an encoder from judged pairs: a new folder whose upper layers order the answers of each question as people did.

The loss is CoSENT's (Su, https://kexue.fm/archives/8847): of two answers to one question the better graded should be the
nearer one, whatever the cosines themselves are. Embeddings and lower layers are frozen, and what they make of a text is
computed once; that halves the time. Besides `model` the only module that imports torch.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from search.encoder.folder import read_folder
from search.errors import EncoderUnavailable

SHARPNESS: Final = 20.0
"""Cosines are this much magnified in the loss: CoSENT's own constant."""
_WARM_UP: Final = 20
_DECAY: Final = 0.01
_CLIP: Final = 1.0
_AT_ONCE: Final = 32
_WEIGHTS: Final = "model.safetensors"

Report = Callable[[str, int, int], None]
"""Stage, done, total. May raise to stop: nothing is written then."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A question in one or more wordings (a need's title; its title with its text), and answers with their grades."""

    questions: tuple[str, ...]
    answers: tuple[str, ...]
    grades: tuple[int, ...]

    @property
    def teaches(self) -> bool:
        return len(set(self.grades)) > 1


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to teach. `upper` is how many of the last layers learn."""

    epochs: int = 2
    upper: int = 6
    rate: float = 5e-5
    seed: int = 20261123
    threads: int | None = None


def tune(
    source: Path, target: Path, lessons: Sequence[Lesson], recipe: Recipe | None = None, *, report: Report = lambda *_: None
) -> str:
    """Write the tuned copy of the folder `source` as the new folder `target`; returns its digest.

    Deterministic on one machine with the same threads. Raises `EncoderUnavailable` for a folder whose model has no
    layers to be tuned, ValueError when no lesson has answers of different grades, FileExistsError for an existing target.
    """
    recipe = recipe or Recipe()
    told = [lesson for lesson in lessons if lesson.teaches]
    if not told:
        raise ValueError("no question has answers of different grades")
    if target.exists():
        raise FileExistsError(str(target))
    learner = _Learner(source, recipe)
    learner.learn(told, report)
    beside = target.with_name(f"{target.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        shutil.copytree(source, beside, ignore=shutil.ignore_patterns("*.part", "means.json"))
        learner.save(beside)
        _describe(beside, recipe, told)
        digest = read_folder(beside).digest
        beside.rename(target)  # whole or not at all
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return digest


def _describe(folder: Path, recipe: Recipe, lessons: Sequence[Lesson]) -> None:
    file = folder / "zonematch.json"
    held: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    held["name"] = f"{held.get('name', 'encoder').removesuffix('-tuned')}-tuned"
    held["tuned"] = {
        "lessons": len(lessons),
        "pairs": sum(len(lesson.answers) for lesson in lessons),
        "epochs": recipe.epochs,
        "upper": recipe.upper,
        "rate": recipe.rate,
        "seed": recipe.seed,
    }
    file.write_text(json.dumps(held, ensure_ascii=False) + "\n", encoding="utf-8")


class _Learner:
    """The model of a folder, its lower layers' outputs kept by text."""

    def __init__(self, source: Path, recipe: Recipe) -> None:
        import torch
        from sentence_transformers import SentenceTransformer

        self._torch: Any = torch
        self._recipe = recipe
        self._source = source
        self._info = read_folder(source)
        torch.manual_seed(recipe.seed)
        if recipe.threads is not None:
            torch.set_num_threads(recipe.threads)
        kwargs = {"dtype": torch.float32, "attn_implementation": "eager"}  # plain attention learns faster on short texts
        model: Any = SentenceTransformer(str(source), device="cpu", local_files_only=True, model_kwargs=kwargs)
        self._tokeniser: Any = model.tokenizer
        self._model: Any = model[0].auto_model
        try:
            self._layers: Any = self._model.encoder.layer
        except AttributeError as error:
            raise EncoderUnavailable(f"The model in {source} has no layers that could be tuned.") from error
        self._first = max(0, len(self._layers) - recipe.upper)
        for parameter in self._model.parameters():
            parameter.requires_grad_(False)
        for layer in self._layers[self._first :]:
            for parameter in layer.parameters():
                parameter.requires_grad_(True)
        self._below: dict[str, Any] = {}

    def learn(self, lessons: Sequence[Lesson], report: Report) -> None:
        torch, recipe = self._torch, self._recipe
        self._prepare(sorted({text for lesson in lessons for text in (*lesson.questions, *lesson.answers)}), report)
        parameters = [each for each in self._model.parameters() if each.requires_grad]
        optimiser = torch.optim.AdamW(parameters, lr=recipe.rate, weight_decay=_DECAY)
        total = recipe.epochs * len(lessons)
        pace = torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda step: min((step + 1) / _WARM_UP, (total - step) / max(1, total - _WARM_UP), 1.0)
        )
        self._model.train()
        for step, lesson in enumerate(self._order(lessons)):
            report("tuning", step, total)
            loss = self._loss(lesson)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, _CLIP)
            optimiser.step()
            pace.step()
        report("tuning", total, total)

    def _order(self, lessons: Sequence[Lesson]) -> Iterator[Lesson]:
        chance = np.random.default_rng(self._recipe.seed)
        for _ in range(self._recipe.epochs):
            for at in chance.permutation(len(lessons)).tolist():
                yield lessons[at]

    def _loss(self, lesson: Lesson) -> Any:
        torch = self._torch
        answers = self._above(lesson.answers)
        grades = torch.tensor(lesson.grades)
        better = grades[:, None] > grades[None, :]
        loss = 0.0
        for question in self._above(lesson.questions):
            cosines = SHARPNESS * (answers @ question)
            wrong = (cosines[None, :] - cosines[:, None])[better]  # row better than column
            loss = loss + torch.logsumexp(torch.cat([torch.zeros(1), wrong]), 0)
        return loss / len(lesson.questions)

    def _prepare(self, texts: Sequence[str], report: Report) -> None:
        """What the frozen layers make of each text, without padding."""
        torch, prompt = self._torch, self._info.passage_prompt
        by_length = sorted(texts, key=len)
        self._model.eval()
        for start in range(0, len(by_length), _AT_ONCE):
            report("reading", start, len(by_length))
            some = by_length[start : start + _AT_ONCE]
            held = self._tokeniser(
                [prompt + text for text in some],
                padding=True,
                truncation=True,
                max_length=self._info.max_tokens,
                return_tensors="pt",
            )
            mask = held["attention_mask"]
            with torch.no_grad():
                hidden = self._model.embeddings(input_ids=held["input_ids"])
                hidden = self._through(self._layers[: self._first], hidden, mask)
            for row, text in enumerate(some):
                self._below[text] = hidden[row, : int(mask[row].sum())].clone()

    def _through(self, layers: Any, hidden: Any, mask: Any) -> Any:
        torch = self._torch
        wide = (1.0 - mask[:, None, None, :].float()) * torch.finfo(torch.float32).min
        for layer in layers:
            out = layer(hidden, attention_mask=wide)
            hidden = out[0] if isinstance(out, tuple) else out
        return hidden

    def _above(self, texts: Sequence[str]) -> Any:
        """Unit vectors, mean over tokens, shape (n, d)."""
        torch = self._torch
        held = [self._below[text] for text in texts]
        hidden = torch.nn.utils.rnn.pad_sequence(held, batch_first=True)
        mask = torch.zeros(hidden.shape[:2], dtype=torch.long)
        for row, each in enumerate(held):
            mask[row, : len(each)] = 1
        hidden = self._through(self._layers[self._first :], hidden, mask)
        summed = (hidden * mask[:, :, None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)
        return torch.nn.functional.normalize(summed, dim=1)

    def save(self, folder: Path) -> None:
        """Put the tuned layers into the folder's weights, as precise as they were stored."""
        from safetensors.torch import load_file, save_file

        state: Mapping[str, Any] = self._model.state_dict()
        weights = load_file(str(folder / _WEIGHTS))
        tuned = [name for name in weights if any(f"encoder.layer.{at}." in name for at in range(self._first, len(self._layers)))]
        if not tuned:
            raise EncoderUnavailable(f"The weights in {self._source} are named in a way that is not known.")
        for name in tuned:
            own = state[name] if name in state else state[name.partition(".")[2]]
            weights[name] = own.detach().to(weights[name].dtype).contiguous()
        save_file(weights, str(folder / _WEIGHTS), metadata={"format": "pt"})
