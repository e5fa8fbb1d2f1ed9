"""Documents of every kind, made for the tests in words of our own."""

from __future__ import annotations

from pathlib import Path

import docx
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

LAW = """<?xml version="1.0" encoding="UTF-8"?>
<toestand bwb-id="{work}" inwerkingtreding="{day}"><bwb-inputbestand/><wetgeving soort="{kind}">
<intitule>Wet van proef<meta-data><x>weg</x></meta-data></intitule><citeertitel>{title}</citeertitel>
<wet-besluit><aanhef><wij>Wij</wij></aanhef><wettekst>{body}</wettekst>
<wetsluiting><slotformulering><al>Lasten en bevelen</al></slotformulering></wetsluiting></wet-besluit>
</wetgeving></toestand>"""

ARTICLES = """
<hoofdstuk><kop><label>Hoofdstuk</label><nr>1</nr><titel>Het spaarplan</titel></kop>
<artikel status="goed"><kop><label>Artikel</label><nr>1</nr><titel>Termijn</titel></kop>
 <lid><lidnr>1</lidnr><al>De spaarplichtige voldoet binnen {term} jaar aan de spaarplicht.</al></lid>
 <lid><lidnr>2</lidnr><al>Onze Minister verlengt de termijn als de spaarplichtige ziek is geweest. De verlenging
 duurt ten hoogste zes maanden.</al></lid></artikel>
<artikel status="goed"><kop><label>Artikel</label><nr>2</nr><titel>Boete</titel></kop>
 <al>De boete voor het overslaan van een spaargesprek bedraagt:</al>
 <lijst><li><li.nr>a.</li.nr><al>€ 120 voor de eerste keer;</al></li>
 <li><li.nr>b.</li.nr><al>€ 240 voor elke volgende keer, als:</al>
  <lijst><li><li.nr>1°.</li.nr><al>de spaarplichtige was gewaarschuwd; en</al></li>
  <li><li.nr>2°.</li.nr><al>hij geen reden gaf.</al></li></lijst></li></lijst></artikel>
<artikel status="vervallen"><kop><label>Artikel</label><nr>3</nr></kop><al>Vervallen</al></artikel>
</hoofdstuk>"""


def law(
    work: str = "BWBR0099001",
    day: str = "2022-01-01",
    title: str = "Wet sparen",
    body: str = "",
    term: str = "drie",
    kind: str = "wet",
) -> str:
    """A law as the official XML shapes it."""
    return LAW.format(work=work, day=day, title=title, kind=kind, body=body or ARTICLES.format(term=term))


GUIDE = """---
title: "Het spaargesprek: voorbereiden en voeren"
id: gids-spaargesprek
kind: guide
binding: guidance
language: nl
audience: [client_manager]
topics: [spaargesprek]
---
# Het spaargesprek: voorbereiden en voeren

Het spaargesprek duurt **45 minuten** en de consulent voert het gesprek op het gemeentehuis.

## Wie mag erbij zijn?

- De klant mag een tolk meenemen naar het spaargesprek.
- Een familielid mag alleen mee als de klant dat zelf vraagt.

## Wat neemt de klant mee?

| stuk | waarvoor |
|---|---|
| spaarboekje | bewijs van inleg |
"""

CVDR = """<?xml version="1.0" encoding="UTF-8"?>
<cvdr xmlns:dcterms="http://purl.org/dc/terms/"><meta><owmskern>
<dcterms:identifier>CVDR990001_1</dcterms:identifier><dcterms:title>Spaarverordening Waterdam</dcterms:title>
<dcterms:language>nl</dcterms:language><dcterms:creator>Waterdam</dcterms:creator></owmskern>
<cvdripm><inwerkingtredingDatum>2023-07-01</inwerkingtredingDatum></cvdripm></meta>
<body><intitule>Spaarverordening</intitule><regeling><aanhef><preambule><al>De raad</al></preambule></aanhef>
<regeling-tekst><artikel><kop><label>Artikel</label><nr>4</nr><titel>Spaarsubsidie</titel></kop>
<lid><lidnr>1</lidnr><al>De gemeente geeft een spaarsubsidie van € 75 per kwartaal.</al></lid></artikel>
</regeling-tekst></regeling></body></cvdr>"""

PAGE = """<html lang="nl"><head><title>Spaarcoach aanvragen</title></head><body>
<nav><a href="/">Home</a><a href="/contact">Contact</a></nav><main><h1>Spaarcoach aanvragen</h1>
<p>Een spaarcoach helpt de klant een jaar lang met het bijhouden van zijn uitgaven, iedere maand opnieuw en zonder
kosten voor de klant zelf.</p><h2>Aanvragen</h2><p>De klant vraagt de spaarcoach aan bij het wijkteam. Het wijkteam
beslist binnen veertien dagen over de aanvraag en laat dat schriftelijk weten.</p>
<script>alert('weg')</script></main><footer>Cookies</footer></body></html>"""


def write_pdf(path: Path, *, password: str | None = None) -> Path:
    """Three pages with a header, page numbers, a word broken at a line's end and a footnote."""
    canvas = Canvas(str(path), pagesize=A4, encrypt=password)
    canvas.setTitle("Spaarbeleid in de praktijk")
    pages = [
        ["Waarom sparen helpt", "", "Een spaarbuffer voorkomt schulden bij tegenslag. Gemeenten die een spaar-",
         "coach inzetten zien minder betalingsachterstanden. Een spaarcoach kost de gemeente",
         "gemiddeld 900 euro per huishouden per jaar en dat verdient"],
        ["zich binnen twee jaar terug. Daarna dalen de kosten van schuldhulp.", "", "Samenwerken met banken", "",
         "Banken kunnen een spaarrekening zonder kosten openen voor nieuwe inwoners."],
        ["Conclusie", "", "Begin klein en meet ieder kwartaal hoeveel huishoudens een buffer van 500 euro hebben."],
    ]  # fmt: skip
    for number, lines in enumerate(pages, start=1):
        canvas.setFont("Helvetica", 8)
        canvas.drawString(60, 810, "Spaarbeleid in de praktijk - Waterdam")
        canvas.drawString(300, 30, f"Pagina {number}")
        canvas.setFont("Helvetica", 10)
        height = 760
        for line in lines:
            canvas.drawString(60, height, line)
            height -= 13
        if number == 1:
            canvas.setFont("Helvetica", 7)
            canvas.drawString(60, 90, "1 Cijfers van de rekenkamer, verzameld over vier jaren in zes gemeenten.")
        canvas.showPage()
    canvas.save()
    return path


def write_docx(path: Path) -> Path:
    """Headings, a list and a table with a merged cell."""
    word = docx.Document()
    word.core_properties.title = "Werkinstructie spaarsubsidie"
    word.add_heading("Werkinstructie spaarsubsidie", 1)
    word.add_paragraph("De consulent controleert de inleg voordat hij de spaarsubsidie uitbetaalt.")
    word.add_heading("Stappen", 2)
    word.add_paragraph("Vraag het spaarboekje op.", style="List Bullet")
    word.add_paragraph("Noteer de inleg in het dossier.", style="List Bullet")
    table = word.add_table(rows=2, cols=2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "Bedragen per kwartaal"
    table.cell(1, 0).text = "alleenstaande"
    table.cell(1, 1).text = "€ 75"
    word.save(str(path))
    return path


def write_corpus(folder: Path) -> Path:
    """A folder with every kind of document in it."""
    (folder / "wetten").mkdir()
    (folder / "wetten" / "BWBR0099001_2022-01-01_0.xml").write_text(law(), encoding="utf-8")
    (folder / "wetten" / "BWBR0099001_2024-06-01_0.xml").write_text(
        law(day="2024-06-01", term="vijf"), encoding="utf-8"
    )
    (folder / "local").mkdir()
    (folder / "local" / "spaarverordening.xml").write_text(CVDR, encoding="utf-8")
    (folder / "gids-spaargesprek.md").write_text(GUIDE, encoding="utf-8")
    (folder / "spaarcoach.html").write_text(PAGE, encoding="utf-8")
    write_pdf(folder / "spaarbeleid.pdf")
    write_docx(folder / "werkinstructie.docx")
    (folder / "notitie.txt").write_text(
        "Notitie spaarbank\n\nDe spaarbank Waterdam sluit het loket op vrijdagmiddag om\nhalf vier. "
        "Buiten die tijd belt de klant\nmet de spaarlijn.\n",
        encoding="utf-8",
    )
    (folder / "README.md").write_text("# Over deze map\n\nNiet om te doorzoeken.\n", encoding="utf-8")
    return folder
