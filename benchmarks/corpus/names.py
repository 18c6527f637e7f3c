"""Draw names of complainants that repeat as names do: a search finds some, and not all."""

from random import Random

FIRST = (
    *("Aisha", "Alan", "Amy", "Anna", "Ben", "Carol", "Chloe", "Daniel", "David", "Emma", "Farid", "George", "Grace"),
    *("Hannah", "Ian", "Imran", "Jack", "Jane", "Joan", "John", "Karen", "Laura", "Leo", "Lucy", "Maria", "Mark"),
    *("Mary", "Mina", "Nadia", "Neil", "Nina", "Oliver", "Omar", "Paul", "Peter", "Rachel", "Robert", "Rose", "Ruth"),
    *("Sam", "Sarah", "Simon", "Sofia", "Susan", "Thomas", "Tom", "Uma", "Victor", "Wendy", "Zoe"),
)
BEGINNINGS = (
    *("Ash", "Beck", "Black", "Brad", "Brook", "Burn", "Clay", "Cole", "Crow", "Dal", "East", "Elm", "Fair", "Field"),
    *("Glen", "Green", "Hart", "Hazel", "Hill", "Hol", "Kings", "Lang", "Lin", "Mars", "Mel", "Nor", "Oak", "Pem"),
    *("Red", "Rich", "Rock", "Shel", "Stan", "Stock", "Thorn", "Wal", "West", "White", "Win", "Wood"),
)
ENDINGS = (
    *("bourne", "brook", "bury", "by", "cote", "croft", "dale", "den", "don", "field", "ford", "gate", "ham"),
    *("hurst", "land", "ley", "man", "mere", "mond", "more", "ridge", "shaw", "ton", "well", "wick"),
)
COMMON, COMMON_SHARE = "Smith", 0.012
"""A surname that many have; each of the others belongs to about one person in a thousand."""


def draw_name(seed: str) -> str:
    """Draw a first name and a surname; the same seed gives the same."""
    chance = Random(f"name of {seed}")  # noqa: S311 (names, not secrets)
    is_common = chance.random() < COMMON_SHARE
    surname = COMMON if is_common else chance.choice(BEGINNINGS) + chance.choice(ENDINGS)
    return f"{chance.choice(FIRST)} {surname}"


def email_of(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@example.org"
