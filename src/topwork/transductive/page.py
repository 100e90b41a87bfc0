"""The report of an adapted model."""

from __future__ import annotations

from topwork.model import Model
from topwork.report import model_card, render
from topwork.report.content import Fact, Method, Publication, ReportContent, Summary
from topwork.selection.choice import Selection
from topwork.transductive.assembly import PRIOR
from topwork.transductive.outcome import Found, labels_sentence
from topwork.transductive.report_section import adaptation_section
from topwork.transductive.result import AdaptResult, source_sentence


def pages(model: Model, seen: Found, found: AdaptResult, title: str) -> dict[str, str]:
    """What goes into the bundle for people: the report and the model card."""
    content = _content(model, seen, found, title)
    return {"report.html": render(content), "README.md": model_card(content)}


def _content(model: Model, seen: Found, found: AdaptResult, title: str) -> ReportContent:
    return ReportContent(
        title=title,
        subtitle=f"Adapted to {found.n_items} unlabelled {found.modality}s of another domain",
        kind=found.modality,
        summary=Summary(
            how_good=" ".join(found.sentences),
            how_sure=source_sentence(found),
            next_steps=()
            if found.audit
            else (
                "topwork adapt --audit 60 chooses items to label. Their labels give the accuracy "
                "of this model and of the original here, and improve it.",
            ),
            warnings=_warnings(found),
        ),
        adaptation=adaptation_section(seen, found),
        method=Method(
            paragraphs=_paragraphs(found),
            facts=_facts(found),
        ),
        publication=Publication(base_model=model.card.backbone, tags=("domain-adaptation",)),
    )


def _paragraphs(found: AdaptResult) -> tuple[str, ...]:
    """How the selected model came about."""
    if found.method == PRIOR:
        return (
            f"The {found.modality}s of each class look as in training, but the class priors "
            "differ. They were estimated by expectation maximisation on calibrated probabilities, "
            "and the model's biases corrected for them. No label of the new domain was used.",
        )
    ways = (
        "Several ways to predict labels of the new domain were combined: the source classifier, "
        "standardised features, linear optimal transport, and heads trained on the target to "
        "maximise mutual information, to minimise class confusion, and by attracting and "
        "dispersing; each with and without label propagation, in the network unchanged and with "
        "the target's statistics in its batch normalisation."
    )
    if found.labels_say is not None:
        return (ways, _by_labels(found.labels_say))
    return (
        ways,
        "The selected model was better than the original by most of five criteria that need no "
        "labels: agreement with the ensemble, reverse validation, mutual information, consistency "
        "on mixed items, and the importance-weighted log loss on the source. No label of the new "
        "domain was used.",
    )


def _by_labels(verdict: Selection) -> str:
    if not verdict.ranked:
        return (
            "There are too few labels of the new domain to compare models. A model that is no "
            f"worse on them than the unadapted one is used. {labels_sentence(verdict)}"
        )
    return "The selected model was best on the labels of the new domain, by cross-validation."


def _warnings(found: AdaptResult) -> tuple[str, ...]:
    if found.audit:
        return ()
    if found.n_labelled:
        return ("No score is given: the labels were not drawn at random from all items.",)
    return ("No score is given: accuracy in the new domain can't be measured without labels.",)


def _facts(found: AdaptResult) -> tuple[Fact, ...]:
    facts = [
        Fact(name="method", value=found.method or "none"),
        Fact(name="unlabelled items", value=f"{found.n_items:,}"),
        Fact(name="labelled items", value=f"{found.n_source:,}, {found.source}"),
        Fact(name="predictions changed", value=f"{found.n_changed:,}"),
    ]
    if found.n_copies is not None:
        facts.append(
            Fact(
                name="unlabelled items that duplicate labelled ones",
                value=f"{found.n_copies:,}",
            )
        )
    if found.covariate_shift:
        told = f"AUC {found.covariate_shift.auc:.3f}, p {found.covariate_shift.p:.3f}"
        facts.append(Fact(name="domain classifier", value=told))
    return tuple(facts)
