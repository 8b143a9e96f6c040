"""The words of **reviews** that carry an opinion, unfavourable ones first, favourable ones second."""

__all__ = ["OPINIONS", "third_person"]

_ADJECTIVES = (
    """absurd amateurish annoying appalling artificial atrocious awful awkward baffling banal bland bloated boring
    botched careless chaotic charmless cheap cliched clumsy cold confused contrived corny crude cynical derivative
    dismal drab dreadful dreary dull embarrassing empty erratic excruciating exhausting fake feeble flat forgettable
    formulaic frantic garish grating hackneyed half-baked heavy-handed hollow horrible humourless implausible inane
    incoherent inept insipid insufferable irritating joyless laboured lacklustre lame lazy leaden lifeless limp
    lumbering mawkish meandering mechanical mediocre messy mindless misguided monotonous muddled murky numbing
    overblown overlong pallid patchy pedestrian plodding pointless pompous ponderous preachy predictable pretentious
    repetitive rushed shallow shoddy silly sloppy sluggish soulless stale stilted strained stuffy tacky tasteless
    tedious tepid tiresome toothless trite unconvincing undercooked unfunny uninspired vapid weak witless wooden
    worthless""".split(),
    """absorbing alluring assured astonishing beautiful believable brilliant captivating charming clever compelling
    confident convincing crisp daring dazzling deft delicate delightful elegant eloquent enchanting engaging enthralling
    excellent exhilarating exquisite fascinating flawless fluent fresh funny generous glorious gorgeous graceful
    gripping haunting heartfelt hilarious honest hypnotic imaginative immaculate impressive ingenious inspired
    intelligent intoxicating inventive irresistible joyous lively lovely luminous lyrical magnificent marvellous
    masterful memorable mesmerising moving nimble nuanced original outstanding perceptive playful poetic poignant
    polished powerful precise radiant ravishing refreshing remarkable rewarding rich riveting satisfying seamless
    sensitive sharp sincere sparkling spellbinding spirited splendid stirring stunning stylish sublime subtle
    sumptuous superb tender terrific thoughtful thrilling touching unforgettable uplifting vivid warm wise witty
wonderful""".split(),
)
_MATTERS = (  # without an article
    """tedium clumsiness sentimentality boredom pretension padding bombast confusion sloppiness laziness hysteria
    monotony cynicism self-importance banality schmaltz coldness artifice smugness vulgarity heaviness bluster
    carelessness stiffness silliness tastelessness drabness repetition predictability emptiness""".split(),
    """charm wit warmth grace energy imagination intelligence tension depth conviction subtlety humour feeling style
    invention beauty honesty heart passion magic sparkle poise verve tenderness elegance surprise soul precision
    vitality originality""".split(),
)
_DOINGS = (  # of a part of the film
    ("drag", "fall flat", "go nowhere", "collapse under its own weight", "wear thin", "grate", "run out of steam",
     "miss every target", "sink without a trace", "outstay its welcome", "ring false", "stumble", "limp along",
     "fizzle out", "creak", "sag", "insult the audience", "numb the mind", "flounder", "try my patience",
     "come to a standstill", "trip over its own feet", "clog the film", "get on my nerves", "lose the thread"),
    ("soar", "shine", "work like a charm", "hit every note", "sparkle", "come alive", "take your breath away",
     "linger for days", "land every time", "sing", "earn every tear", "hold everything together", "crackle", "glow",
     "cut deep", "deliver", "win you over", "reward patience", "keep you guessing", "lift the film", "break your heart",
     "hold the screen", "get under the skin", "find the right tone", "pay off"),
)  # fmt: skip
_FEELINGS = (
    ("bored", "irritated", "let down", "exhausted", "unmoved", "baffled", "insulted", "worn out", "disappointed",
     "annoyed", "discouraged", "put off", "tired", "underwhelmed", "embarrassed"),
    ("charmed", "moved", "gripped", "delighted", "enchanted", "captivated", "touched", "thrilled", "spellbound",
     "dazzled", "won over", "swept away", "hooked", "amused", "impressed"),
)  # fmt: skip
_THINGS = (
    ("mess", "dud", "bore", "chore", "disaster", "misfire", "slog", "failure", "waste of time", "turkey", "letdown",
     "travesty", "headache", "fiasco", "sorry affair", "missed opportunity", "botch", "shambles"),
    ("gem", "triumph", "treat", "delight", "masterpiece", "joy", "marvel", "treasure", "winner", "knockout", "pleasure",
     "revelation", "small miracle", "feast", "thing of beauty", "cause for celebration", "find", "tour de force"),
)  # fmt: skip
_ADVICE = (  # what to do with such a film
    ("avoid it", "stay at home", "save your money", "skip it", "give it a wide berth", "leave it on the shelf",
     "ask for your money back", "find something else to watch", "keep well away"),
    ("see it", "buy a ticket", "go tonight", "do not miss it", "take your friends", "see it twice",
     "put it at the top of the list", "catch it on a big screen", "make time for it"),
)  # fmt: skip
_FIGURES = (  # adjectives that plots use of people, taken from those above: there they say nothing about the film
    """annoying awkward careless charmless clumsy cold cynical dull inept joyless lazy mediocre pompous pretentious
    silly sloppy tiresome humourless insufferable weak embarrassing""".split(),
    """beautiful brilliant charming clever confident delightful elegant eloquent funny generous graceful honest
    imaginative intelligent lively lovely playful sensitive sincere spirited witty wise""".split(),
)
_EVENTS = (
    """absurd awful botched chaotic cold disastrous dismal dreadful dreary dull empty embarrassing horrible messy
    pointless tedious muddled worthless misguided""".split(),
    """beautiful daring delicate glorious gorgeous heartfelt intoxicating lovely magnificent marvellous memorable
    remarkable splendid tender touching unforgettable warm wonderful brilliant""".split(),
)


def third_person(verb: str) -> str:
    """`fall flat` as `falls flat`.

    Example:
        >>> third_person("miss every target"), third_person("try my patience"), third_person("pay off")
        ('misses every target', 'tries my patience', 'pays off')
    """
    first, *others = verb.split()
    if first.endswith(("s", "sh", "ch", "x", "o")):
        first += "es"
    elif first.endswith("y") and first[-2] not in "aeou":
        first = first[:-1] + "ies"
    else:
        first += "s"
    return " ".join([first, *others])


OPINIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "adj": (tuple(_ADJECTIVES[0]), tuple(_ADJECTIVES[1])),
    "matter": (tuple(_MATTERS[0]), tuple(_MATTERS[1])),
    "do": _DOINGS,
    "does": (tuple(map(third_person, _DOINGS[0])), tuple(map(third_person, _DOINGS[1]))),
    "felt": _FEELINGS,
    "thing": _THINGS,
    "advice": _ADVICE,
    "figure": (tuple(_FIGURES[0]), tuple(_FIGURES[1])),
    "event": (tuple(_EVENTS[0]), tuple(_EVENTS[1])),
}
