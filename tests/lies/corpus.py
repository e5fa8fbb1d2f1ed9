"""A small folder of sources for answers that lie: two regimes, a law, guides with exceptions and bounds."""

from __future__ import annotations

from pathlib import Path

from tests.samples import GUIDE, law

DELAY = """---
title: "Uitstel van het spaargesprek"
id: gids-uitstel
kind: guide
binding: guidance
language: nl
---
# Uitstel van het spaargesprek

Het college verleent uitstel van ten hoogste vier weken, tenzij de klant al twee keer uitstel kreeg.

## Hoe vraagt de klant uitstel aan?

De klant moet het uitstel schriftelijk aanvragen bij het wijkteam. De aanvraag moet vóór 1 maart 2025 binnen zijn.
De klant hoeft de reden van het uitstel niet te bewijzen.

## Waar staat dat?

Het uitstel staat in artikel 7, tweede lid, van de Spaarverordening. De gevolgen staan in artikel 9 daarvan.

## Wanneer komt er geen boete?

Het college legt geen boete op als de klant het gesprek afzegt:
- ten minste 24 uur van tevoren; of
- wegens ziekte, met een verklaring van een arts.

## Waar vindt het gesprek plaats?

De consulent mag het gesprek alleen op het gemeentehuis voeren. Zonder toestemming van de klant komt er geen derde bij.
"""
NEW = """---
title: "De spaartermijn in het nieuwe stelsel"
id: gids-termijn-nieuw
kind: guide
binding: guidance
regime: wi2021
language: nl
---
# De spaartermijn in het nieuwe stelsel

De klant heeft vier jaar om de spaarcursus te voltooien. DUO verlengt de spaarcursus met 6 maanden na ziekte.
"""
OLD = """---
title: "De spaartermijn in het oude stelsel"
id: gids-termijn-oud
kind: guide
binding: guidance
regime: wi2013
language: nl
---
# De spaartermijn in het oude stelsel

De klant had drie jaar om de spaarcursus te voltooien. De lening voor de spaarcursus was ten hoogste € 10.000.
"""
COSTS = """---
title: "Kosten van de spaarcursus"
id: gids-kosten
kind: guide
binding: guidance
language: nl
---
# Kosten van de spaarcursus

De gemeente betaalt 80 procent van de kosten van de spaarcursus. De klant betaalt zelf € 45 per maand.
Een gezinslid kan vrijwillig meedoen met de spaarcursus. Een derde gesprek met de spaarcoach kost € 1.250 per jaar.
"""

QUESTIONS = {
    "uitstel": "Hoe krijgt de klant uitstel van het spaargesprek?",
    "boete": "Hoe hoog is de boete voor het overslaan van een spaargesprek?",
    "geen_boete": "Wanneer legt het college geen boete op voor het afzeggen van het spaargesprek?",
    "gesprek": "Hoe lang duurt het spaargesprek en wie mag erbij zijn?",
    "termijn_wet": "Binnen hoeveel jaar moet de spaarplichtige aan de spaarplicht voldoen?",
    "termijn": "Hoeveel jaar heeft de klant om de spaarcursus te voltooien?",
    "kosten": "Wat kost de spaarcursus de klant per maand?",
    "english": "How long does the spaargesprek take and who may join the client?",
    "english_delay": "How does the client get a delay (uitstel) of the spaargesprek?",
}


def write(folder: Path) -> Path:
    """The folder with these sources."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "wet.xml").write_text(law(), encoding="utf-8")
    for name, text in (
        ("gesprek", GUIDE),
        ("uitstel", DELAY),
        ("nieuw", NEW),
        ("oud", OLD),
        ("kosten", COSTS),
    ):
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return folder
