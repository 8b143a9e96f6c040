"""The words of **reviews** that carry no opinion: people, places, titles, parts of a film."""

__all__ = ["FILM"]


def _list(text: str) -> tuple[str, ...]:
    return tuple(entry.strip() for entry in text.replace("\n", " ").split(","))


_FIRST = """Ada Amir Anders Anna Arjun Astrid Bela Bruno Carla Cecil Chloe Clara Dagny Daniel Dora Edith Elena Elias
Emil Esther Fatima Felix Fiona Frank Greta Gustav Hana Hector Helen Hugo Ida Imre Ines Iris Ivan Jack Jonas Judith Julia
Karim Kate Klara Kofi Lars Laura Lena Leo Linus Louise Lucia Magnus Mara Marcel Maria Martin Max Mina Nadia Nora Olga
Oscar Paul Petra Rafael Rita Robert Rosa Ruth Samir Sara Simon Sofia Stella Sven Tara Thomas Tilda Vera Victor Yusuf
Zoe""".split()
_LAST = """Abara Adler Almeida Andersen Bakker Banerjee Barlow Becker Bellini Berg Blum Brandt Calloway Castellan Chen
Costa Dahl Darrow Delacroix Diaz Dietrich Dvorak Eklund Farrow Fischer Fontaine Garland Ghosh Grimaldi Haddad Hale
Hansen Hartmann Holloway Ibsen Ivanova Jansen Kaplan Keller Kimura Klein Kovacs Lambert Larsen Lindqvist Lombard
Marchetti Marlowe Mehta Mendes Moreau Nakamura Novak Okafor Olsen Osman Park Pereira Petrov Quinn Rahimi Renner Rossi
Sandoval Schmitt Silva Sorensen Stern Suzuki Takeda Thorne Valente Varga Vogel Walsh Weiss Winter Yilmaz
Zeller""".split()
_TITLE_FIRST = _list("""Glass, Silent, Winter, Copper, Hollow, Salt, Northern, Crooked, Paper, Midnight, Scarlet,
Second, Broken, Golden, Hidden, Distant, Falling, Iron, Lost, Electric, Burning, Quiet, Last, Borrowed, Velvet, Wild,
Blue, Seventh, Sleeping, Painted""")
_TITLE_LAST = _list("""Harbour, Orchard, Lighthouse, Letter, Station, Garden, Mountain, Promise, Bridge, Detective,
Summer, Kingdom, River, Witness, Carnival, Island, Waltz, Stranger, Horizon, Fever, Mirror, Frontier, Season,
Passenger, Empire, Inheritance, Lullaby, Crossing, Hour, Sky""")

FILM: dict[str, tuple[str, ...]] = {
    "first": tuple(_FIRST),
    "last": tuple(_LAST),
    "titlefirst": _TITLE_FIRST,
    "titlelast": _TITLE_LAST,
    "title": (
        "The {titlefirst} {titlelast}",
        "{titlefirst} {titlelast}",
        "A {titlefirst} {titlelast}",
        "{first} and the {titlelast}",
        "The {titlelast} of {town}",
        "Return to {town}",
        "{titlelast} in {town}",
    ),
    "person": ("{first} {last}",),
    "town": _list("""Trieste, Bergen, Lisbon, Odessa, Marseille, Tangier, Glasgow, Krakow, Valparaiso, Osaka, Antwerp,
        Sarajevo, Dublin, Naples, Tallinn, Montreal, Havana, Leipzig, Cardiff, Porto, Galway, Salzburg, Utrecht, Riga,
        Accra, Bristol, Seville, Aarhus, Bombay, Nantes"""),
    "genre": _list("""comedy, drama, thriller, western, romance, musical, costume drama, horror film, war film, road
        movie, mystery, family film, heist film, science fiction film, biography, courtroom drama, satire, ghost story,
        fairy tale, spy film"""),
    "job": _list("""schoolteacher, fisherman, pianist, detective, nurse, lawyer, baker, soldier, librarian, surgeon,
        clerk, photographer, boxer, mechanic, professor, journalist, priest, postman, chess player, night porter,
        architect, cook, taxi driver, forger, widow, botanist, smuggler, translator, clockmaker, stage magician,
    diplomat, farmer"""),
    "relative": _list("""brother, sister, mother, father, uncle, neighbour, wife, husband, daughter, son, colleague,
        flatmate, cousin, best friend, dentist, landlady"""),
    "paper": _list("""Gazette, Tribune, Courier, Evening Post, Chronicle, Observer, Standard, Weekly Mirror, Morning
        Star, Film Quarterly, local paper, festival brochure"""),
    "part": _list("""script, dialogue, direction, camerawork, score, editing, pacing, ending, plot, story, humour, cast,
        supporting cast, cinematography, lighting, costume design, production design, sound design, opening, finale,
        third act, first hour, middle section, screenplay, love story, narration, music, choreography, soundtrack,
        final scene, chase, staging, romance, central performance, lead performance, subplot, storytelling, tone,
        rhythm, second half, banter, set design, climax, opening sequence, voice-over, framing, wordplay, fight on
        the roof, scene at the station, dance number, courtroom scene"""),
    "degree": _list("really, truly, thoroughly, utterly, deeply, consistently, surprisingly, very, quite, so,"
                    " simply, rather, unexpectedly, wholly"),
    "kind": _list("quiet, big, small, modest, expensive, late, early, black-and-white, low-budget, three-hour, foreign,"
                  " independent, studio, debut, second"),
    "place": _list("""a fishing village, a mining town, a crumbling hotel, an army camp, a boarding school, a
        lighthouse, a border town, a sanatorium, a travelling circus, a newspaper office, a police station, a
        monastery, a night train, a department store, a farmhouse, an opera house, a harbour bar, a space station, a
    desert outpost, a courtroom"""),
    "time": _list("""in 1913, in 1944, in the twenties, during the war, in the near future, one summer, in the dead of
        winter, over a single night, on the eve of an election, over thirty years, after the flood, in the
    seventies"""),
    "object": _list("""a letter, a suitcase, a violin, a diary, an old photograph, a map, a stolen painting, a key, a
        debt, a recipe, a coded message, a wedding ring, a will, a chess set, a manuscript"""),
    "deed": _list("""murders, robberies, betrayals, disappearances, poisonings, kidnappings, blackmail letters, duels,
        arson attacks, love letters, miracles, weddings"""),
    "minutes": _list("81, 84, 88, 90, 93, 95, 97, 99, 101, 104, 108, 112, 117, 121, 126, 133, 140, 152"),
}  # fmt: skip
