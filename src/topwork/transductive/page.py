"""The report of an adapted model."""

from __future__ import annotations

from topwork.model import Model
from topwork.report import model_card, render
from topwork.report.content import Fact, Method, Publication, ReportContent, Summary
from topwork.transductive.chapter import adaptation_chapter
from topwork.transductive.outcome import Found
from topwork.transductive.result import AdaptResult


def pages(model: Model, seen: Found, found: AdaptResult, title: str) -> dict[str, str]:
    """What goes into the bundle for people: the report and the model card."""
    content = _content(model, seen, found, title)
    return {"report.html": render(content), "README.md": model_card(content)}


def _content(model: Model, seen: Found, found: AdaptResult, title: str) -> ReportContent:
    return ReportContent(
        title=title,
        subtitle=f"A model adapted to {found.n_items} unlabelled items of another domain",
        summary=Summary(
            how_good=" ".join(found.sentences),
            how_sure=_source_sentence(found),
            next_steps=()
            if found.audit
            else (
                "Let topwork adapt --audit 60 choose items to label: their labels bound how good "
                "this model and the one that it came from are here, and make it better.",
            ),
            warnings=()
            if found.audit
            else ("No score is given: without labels nobody knows how good it is here.",),
        ),
        adaptation=adaptation_chapter(seen, found),
        method=Method(
            paragraphs=(
                "Several ways to label the new items voted: the head of the labelled domain, "
                "domains centred and scaled, the labelled domain moved onto the new one, a head "
                "made certain and varied on the new items, each alone and spread along neighbours, "
                "in the network as it is and with the new domain's own statistics.",
                "What ships was preferred to the model as it was by most of five scores that need "
                "no labels: agreement with all ways together, circular validation, certainty and "
                "variety, agreement between items, and the log loss on labelled items that look "
                "like the new ones. No label of the new domain was looked at.",
            ),
            facts=_facts(found),
        ),
        publication=Publication(base_model=model.card.backbone, tags=("domain-adaptation",)),
    )


def _source_sentence(found: AdaptResult) -> str:
    if found.source_before is None or found.source_after is None:
        return ""
    return (
        f"On the labelled domain it says {found.source_after:.1%} right, {found.source_before:.1%} "
        "before; both models know those items, so both numbers flatter."
    )


def _facts(found: AdaptResult) -> tuple[Fact, ...]:
    facts = [
        Fact(name="method", value=found.method or "none"),
        Fact(name="unlabelled items", value=f"{found.n_items:,}"),
        Fact(name="labelled items beside them", value=f"{found.n_source:,}, {found.source}"),
        Fact(name="items with another label than before", value=f"{found.n_changed:,}"),
    ]
    if found.n_copies is not None:
        facts.append(Fact(name="of them copies of labelled items", value=f"{found.n_copies:,}"))
    if found.looks:
        told = f"AUC {found.looks.auc:.3f}, p {found.looks.p:.3f}"
        facts.append(Fact(name="a classifier tells the domains apart", value=told))
    return tuple(facts)
