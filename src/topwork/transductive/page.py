"""The report of an adapted model."""

from __future__ import annotations

from topwork.evaluation.choice import Verdict
from topwork.model import Model
from topwork.report import model_card, render
from topwork.report.content import Fact, Method, Publication, ReportContent, Summary
from topwork.transductive.assembly import PRIOR
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
            warnings=_warnings(found),
        ),
        adaptation=adaptation_chapter(seen, found),
        method=Method(
            paragraphs=_paragraphs(found),
            facts=_facts(found),
        ),
        publication=Publication(base_model=model.card.backbone, tags=("domain-adaptation",)),
    )


def _paragraphs(found: AdaptResult) -> tuple[str, ...]:
    """How the model that ships came about."""
    if found.method == PRIOR:
        return (
            "The items of a class look as they used to, but the classes are distributed otherwise. "
            "Their shares were found by expectation maximisation on calibrated probabilities, and "
            "the model's biases corrected by them. No label of the new domain was looked at.",
        )
    ways = (
        "Several ways to label the new items voted: the head of the labelled domain, "
        "domains centred and scaled, the labelled domain moved onto the new one, a head "
        "made certain and varied on the new items, each alone and spread along neighbours, "
        "in the network as it is and with the new domain's own statistics."
    )
    if found.labels_say is not None:
        return (ways, _by_labels(found.labels_say))
    return (
        ways,
        "What ships was preferred to the model as it was by most of five scores that need "
        "no labels: agreement with all ways together, circular validation, certainty and "
        "variety, agreement between items, and the log loss on labelled items that look "
        "like the new ones. No label of the new domain was looked at.",
    )


def _by_labels(verdict: Verdict) -> str:
    if not verdict.ranked:
        return (
            "The few labels of the new domain are too few to rank anything by. They stand among "
            "what all ways say, without comparison."
        )
    return (
        "What ships did best on the few labels of the new domain, each of which was held out of "
        "what learnt from it."
    )


def _warnings(found: AdaptResult) -> tuple[str, ...]:
    if found.audit:
        return ()
    if found.n_labelled:
        return ("No score is given: the few labels were not drawn at random from all items.",)
    return ("No score is given: without labels nobody knows how good it is here.",)


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
        facts.append(
            Fact(
                name="unlabelled items that are copies of labelled ones",
                value=f"{found.n_copies:,}",
            )
        )
    if found.looks:
        told = f"AUC {found.looks.auc:.3f}, p {found.looks.p:.3f}"
        facts.append(Fact(name="a classifier tells the domains apart", value=told))
    return tuple(facts)
