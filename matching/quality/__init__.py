"""How much a need or a result says: a score with named parts, and the questions that would raise it. Pure.

`writing` is what is read of a listing, `words` are the cues of its texts, `signs` what they show, `rating` makes parts and score,
`questions` what to ask. Wording of parts, questions and examples is `web/wording/quality.py`.
"""

from matching.quality.questions import MOST_QUESTIONS, Question, questions
from matching.quality.rating import Part, Rating, rate
from matching.quality.writing import Writing, of_content, of_draft

__all__ = ["MOST_QUESTIONS", "Part", "Question", "Rating", "Writing", "of_content", "of_draft", "questions", "rate"]
