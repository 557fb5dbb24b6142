"""What a release answers: the inference of its test, asked of a pod that is ready, over each way that is open."""

from tritonfleet.smoke.ask import Connect, ask
from tritonfleet.smoke.nouns import Asked, Credentials, Question
from tritonfleet.smoke.question import question_of

__all__ = ["Asked", "Connect", "Credentials", "Question", "ask", "question_of"]
