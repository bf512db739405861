"""Slips of the finger in a word."""


def is_typo(word: str, other: str) -> bool:
    """Say whether two words differ by no more than a slip of the finger. Digits never do."""
    if any(sign.isdigit() for sign in word + other):
        return False
    shorter = min(len(word), len(other))
    allowed = 0 if shorter < 5 else 1 if shorter < 8 else 2
    return abs(len(word) - len(other)) <= allowed and _distance(word, other) <= allowed


def _distance(word: str, other: str) -> int:
    """Count the letters to add, drop, replace or swap with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))

    for i, letter in enumerate(word, 1):
        longer_ago = before
        before = row
        row = [i]

        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and word[i - 2] == wanted:
                cost = min(cost, longer_ago[j - 2] + 1)
            row.append(cost)

    return row[-1]
