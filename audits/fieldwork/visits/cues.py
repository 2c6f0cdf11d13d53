"""A question in a few words, for a page that looks like somebody's own note. Pure."""

import re

LONGEST = 5  # words; in Vietnamese, syllables
# A clause ends here; what follows adds to it.
_BREAK = re.compile(r"[,;:(/–.]|\s(?:và|hoặc|and|or)\s")
# Words that nothing can end with.
_LEADS_ON = re.compile(
    r"(được|bị|từ|đến|để|thì|là|của|một|mà|không|khi|trong|theo|với|hay|cho|tự|đúng"
    r"|an?|the|of|to|is|are|was|were|in|on|at|by|for|with|from|that|which|when|not)",
    re.IGNORECASE,
)
# What would tell a neighbour in the queue whose page this is.
_TELLS = re.compile(r"vnpt|vinaphone|giao dịch viên|điện thoại viên|nhân viên|teller|agent|staff", re.IGNORECASE)


def cue(text: str) -> str:
    """The first clause of a question, at most LONGEST words, without a word that names the programme.

    Empty when nothing is left; the question's code stands there then.
    """
    clause = _BREAK.split(_TELLS.split(text.strip(), maxsplit=1)[0] or _TELLS.sub("", text), maxsplit=1)[0]
    said = clause.split()
    words = said[:LONGEST]
    while len(words) > 1 and _LEADS_ON.fullmatch(words[-1]):
        words.pop()
    found = " ".join(words) + ("…" if len(words) < len(said) else "")
    return found[:1].upper() + found[1:]
