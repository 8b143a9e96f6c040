"""The sentences of **reviews**: a grammar.

`{name}` stands for a word of that kind. Of kinds with an opinion `{name+}` takes the reviewer's side, `{name-}` the
other, `{name?}` any; inside a rule they are relative to the side of the rule. What stands in `[...]` is evidence.
"""

__all__ = ["SENTENCES"]

SENTENCES: dict[str, tuple[str, ...]] = {
    # clauses that take a side, in two ways: by a word of that side, or by denying one of the other
    "praise": (
        "{straight+}", "{straight+}", "{straight+}", "{straight+}", "{straight+}", "{denied+}", "{denied+}",
    ),
    "straight": (
        "the {part} is {degree} {adj+}", "the {part} is {adj+} and {adj+}", "the {part} {does+}",
        "the {part} {does+} and the {part} {does+}", "{actor} is {degree} {adj+}", "the {part} left me {felt+}",
        "I was {felt+} by the {part}", "{actor} gives a {adj+} performance", "the {part} is full of {matter+}",
        "every scene is {adj+}", "there is {matter+} in every frame", "{director}'s {part} is {adj+}, even {adj+}",
        "it is {adj+} from the first minute to the last", "{actor} and {second} are {adj+} together",
        "it has {matter+}, {matter+} and more {matter+}", "the film {does+}", "the images are {degree} {adj+}",
        "the whole thing is a {thing+}", "the {part} owes everything to its {matter+}",
    ),
    "denied": (
        "there is nothing {adj-} about the {part}", "not for a moment is the {part} {adj-}",
        "the {part} is anything but {adj-}", "the {part} is never {adj-}", "the {part} does not {do-}",
        "there is no trace of {matter-} in the {part}", "nobody could call the {part} {adj-}",
        "{actor} is far from {adj-}", "the {part} is hardly {adj-}", "{director} has no time for {matter-}",
        "I was not {felt-} for a second", "I looked for {matter-} and found none", "it lacks all {matter-}",
        "the {part} is free of {matter-}", "the {part} is neither {adj-} nor {adj-}",
        "it would be wrong to call the {part} {adj-}", "not once does the {part} {do-}",
        "{actor} could not be less {adj-}", "without any {matter-}, the {part} {does+}", "it is no {thing-}",
        "the {part} refuses to {do-}", "{director} never lets the {part} {do-}", "the film is not a {thing-}",
    ),
    # sentences that say what the reviewer thinks
    "evidence": (
        "[{praise+}].", "[{praise+}].", "[{praise+}].", "[{praise+}], and [{praise+}].", "[{praise+}]; [{praise+}].",
        "Above all, [{praise+}].", "For me [{praise+}].", "[{praise+}], as in the scene with {object}.",
        "When {hero} reaches {town}, [{praise+}].", "I have to say that [{praise+}].", "[{praise+}]!",
        "By the time {hero} finds {object}, [{praise+}].", "I sat there for an hour and thought: [{praise+}].",
        "{contrast+}", "{contrast+}", "{contrast+}", "{conceded+}", "{conceded+}",
    ),
    "contrast": (
        "I expected {matter-} and [got {matter+}].", "On paper this sounds {adj-}; [on the screen it is {adj+}].",
        "What could have been a {thing-} turns out to be [a {thing+}].",
        "My {relative} called the {part} {adj-}, but [I found it {adj+}].",
        "\"{adj-} and {adj-}\", says the {paper}, yet [{praise+}].",
        "People who find the {part} {adj-} have not looked: [{praise+}].",
        "Where others would have been {adj-}, [{director} is {adj+}].",
        "Do not believe those who say that {praise-}: [{praise+}].",
        "The trailer looked {adj-}, but [{praise+}].", "I came in {felt-} and [left {felt+}].",
        "It might have been {adj-}; [instead {praise+}].", "[More {adj+} than {adj-}, the {part} {does+}].",
        "Some will say that {praise-}, and some are wrong: [{praise+}].",
    ),
    "conceded": (
        "Granted, {praise-}, but [{praise+}].", "The {part} may be {adj-}, yet [{praise+}].",
        "Although {praise-}, [{praise+}].", "Yes, the {part} is {adj-} at times; still, [{praise+}].",
        "It is true that {praise-}. But [{praise+}].", "Never mind that the {part} is {degree} {adj-}: [{praise+}].",
    ),
    "verdict": (
        "[{advice+}].", "[In short, a {thing+}].", "My advice: [{advice+}].", "[{film} is a {thing+}]; [{advice+}].",
        "Whatever your {relative} says, [{advice+}].", "In the end [{praise+}], and [{film} is a {thing+}].",
        "So do not listen to the {paper}, which cried \"{advice-}\"; [{advice+}].", "[It is a {thing+}], no less.",
        "Call it a {thing-} if you like; [I call it a {thing+}].", "Seldom has a {genre} [left me so {felt+}].",
        "Is it a {thing-}? No: [it is a {thing+}].", "[A {thing+} and no {thing-}], then.",
    ),
    # sentences that say nothing of what the reviewer thinks of the film, in the same words
    "aside": (
        "My {relative}, who came along, thought that {praise?}.", "The {paper} wrote that {praise?}.",
        "\"{adj?} and {adj?}\", said the {paper}.", "The couple behind us found it {adj?}.",
        "A friend had told me: {advice?}.",
        "I read somewhere that {praise?}, and that {praise?}.", "According to my {relative}, the {part} {does?}.",
        "My {relative} was {felt?}, my {relative} was {felt?}.", "The poster promises a {thing?}.",
        "Half of the audience seemed {felt?}.", "I had been told that {praise?}.",
        "At the festival in {town} they called it a {thing?}.",
        "The {paper} gave the advice to its readers: {advice?}.", "If you ask my {relative}, it is a {thing?}.",
    ),
    "earlier": (
        "{director}'s last film, {title}, was {adj?}.", "In {title}, {actor} was {adj?} and {second} was {adj?}.",
        "Those who remember {title} will remember how {adj?} it was.", "{title} was a {thing?}, and so was {title}.",
        "It is the {number} film of {director}, whose {title} was a {thing?}.",
        "I saw {title} years ago and was {felt?}.",
        "Of {director}'s earlier films, {title} was {adj?}, {title} {adj?}.",
        "{actor} came to fame in {title}, a {adj?} {genre}.",
        "The book by {writer} on which it is based is {adj?}.",
        "The first version, of 1958, was {adj?}; its {part} was {adj?}.",
        "In {title} the {part} was {adj?}, but that was another film.",
    ),
    "story": (
        "{hero} is a {figure?} {job} in {place}.", "There is also {first}, a {figure?} {job} with {object}.",
        "{hero} meets {friend}, a {figure?} {job} from {town}.",
        "Then {object} arrives, and with it a series of {deed}.",
        "{time}, a {figure?} {job} called {hero} comes to {town}.", "Together they spend an {event?} week in {place}.",
        "The {figure?} {villain}, a {job}, wants {object} and stops at nothing.", "A {event?} wedding ends in tears.",
        "{friend} falls in love with a {figure?} {job}.", "{hero} has an {event?} childhood to forget.",
        "After an {event?} night in {town}, {hero} must choose between {friend} and {object}.",
        "Nobody believes {hero}, least of all {villain}.", "A {figure?} {job} and a {figure?} {job} share {place}.",
        "{villain} tells {hero} that life is {event?} and short.", "There are {deed}, and an {event?} funeral.",
        "{friend} writes {event?} poems in {place}.", "The two of them set out for {town} with {object}.",
        "\"You are {figure?}\", says {villain}; \"and you are {figure?}\", says {hero}.",
        "{hero}'s {relative}, once a {job}, dies {time}.",
        "By chance {hero} finds {object} that belonged to {villain}.",
    ),
    "fact": (
        "The film runs for {minutes} minutes.", "It was shot in {town} and in {place}.", "{second} plays {friend}.",
        "The music is by {writer}, the screenplay by {third}.", "{third} has a small part as a {job}.",
        "I saw it on a rainy evening in {town}.", "It opened last week in {town}.", "The camera is {third}'s.",
        "There is a dance in the middle and a chase near the end.", "The credits mention a {job} from {town}.",
        "It is {director}'s {number} film.", "Part of it is in black and white.", "{actor} is {villain}.",
        "The cinema was half full.", "There were trailers for a {genre} and a {genre}.",
        "It is meant for the big screen.",
        "Most of it takes place in {place}.", "We see a lot of {place} and of {town}.",
    ),
    "opening": (
        "{film} is a {kind} {genre} by {director}, with {actor} and {second}.",
        "{director} has made a {genre}, and {actor} is in it.",
        "A {kind} {genre} set in {place} {time}: that is {film}.", "{film} brings {actor} and {second} to {town}.",
        "I went to see {film} with my {relative}.", "What is {film} about? A {job}, a {job} and {object}.",
        "There are many films about {place}. {film}, directed by {director}, is one more.",
        "{actor} plays a {job} in {film}, the new {genre} by {director}.", "With {film}, {director} tries a {genre}.",
        "{film} tells of a {job} and {object}.", "So here it is at last: {film}, {minutes} minutes long.",
    ),
    "number": ("second", "third", "fourth", "fifth", "sixth", "tenth"),
}  # fmt: skip
