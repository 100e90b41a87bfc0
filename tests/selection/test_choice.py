import numpy as np
import pytest

from topwork.errors import DataError, ParameterError
from topwork.metrics.paired import paired_items
from topwork.selection.choice import Candidate, Selection, choose
from topwork.selection.enough import MIN_GROUPS, MIN_ITEMS

N = 200
PLACE = np.random.default_rng(0).permutation(N)
FOLDS = np.arange(N) % 5


def right(share, name="model", n=N):
    return Candidate(name, PLACE[:n] < share * N)


def test_of_equals_the_simplest_is_taken():
    verdict = choose([right(0.80, "mean"), right(0.81, "tree")], folds=FOLDS)
    assert (verdict.chosen, verdict.leader, verdict.ranked) == ("mean", "tree", True)
    assert verdict.equals == ("mean", "tree")
    assert verdict.reason.startswith("tree scores 1.0 (")
    assert verdict.reason.endswith(" points more than mean, not significant; mean is simpler.")


def test_the_better_is_taken_when_it_is_better():
    verdict = choose([right(0.6, "mean"), right(0.8, "tree")], folds=FOLDS)
    assert (verdict.chosen, verdict.equals) == ("tree", ("tree",))
    assert verdict.ranked_candidates[0].beaten
    assert verdict.ranked_candidates[0].behind.difference == pytest.approx(0.2)
    assert verdict.reason == "tree scores best, significantly ahead of everything simpler (mean)."


def test_the_best_may_be_the_simplest():
    verdict = choose([right(0.8, "mean"), right(0.6, "tree")])
    assert verdict.chosen == "mean"
    assert verdict.reason == "mean scores best and is the simplest."


def test_a_middle_one_that_equals_the_best_is_taken():
    ladder = [right(0.5, "low"), right(0.79, "middle"), right(0.8, "high")]
    verdict = choose(ladder, folds=FOLDS)
    assert verdict.chosen == "middle"
    assert [standing.beaten for standing in verdict.ranked_candidates] == [True, False, False]


def test_one_standard_error_is_stricter_on_the_simple():
    pair = [right(0.78, "mean"), right(0.8, "tree")]
    assert choose(pair, folds=FOLDS, rule="significance").chosen == "mean"
    wide = [right(0.76, "mean"), right(0.8, "tree")]
    assert choose(wide, folds=FOLDS, rule="one standard error").chosen == "tree"
    small = [right(0.795, "mean"), right(0.8, "tree")]
    verdict = choose(small, folds=FOLDS, rule="one standard error")
    assert verdict.chosen == "mean"
    assert "within one standard error" in verdict.reason


@pytest.mark.parametrize("rule", ["significance", "one standard error"])
def test_the_best_of_many_equals_rarely_wins(rule):
    rng = np.random.default_rng(0)
    simple = 0
    for _ in range(200):
        many = [Candidate(str(i), rng.random(100) < 0.5) for i in range(6)]
        simple += choose(many, folds=FOLDS[:100], rule=rule).chosen == "0"
    assert simple / 200 >= (0.97 if rule == "significance" else 0.5)


@pytest.mark.parametrize(
    ("n", "groups", "what"),
    [
        (MIN_ITEMS - 1, None, f"{MIN_ITEMS - 1} items"),
        (N, MIN_GROUPS - 1, f"{MIN_GROUPS - 1} groups"),
    ],
)
def test_too_few_are_not_ranked(n, groups, what):
    members = None if groups is None else np.arange(n) % groups
    pair = [right(0.2, "mean", n), right(0.9, "tree", n)]
    verdict = choose(pair, groups=members)
    assert not verdict.ranked
    assert (verdict.chosen, verdict.leader) == ("mean", "tree")
    assert what in verdict.reason
    assert choose(pair, groups=members, fallback="tree").chosen == "tree"


def test_as_few_as_stated_are_ranked():
    pair = [right(0.2, "mean", MIN_ITEMS), right(0.9, "tree", MIN_ITEMS)]
    assert choose(pair).ranked
    assert choose([right(0.2, "mean"), right(0.9)], groups=np.arange(N) % MIN_GROUPS).ranked


def test_classes_may_count_alike():
    codes = (np.arange(N) >= 180).astype(int)
    majority, fair = Candidate("majority", codes == 0), Candidate("fair", PLACE < 0.85 * N)
    assert choose([majority, fair]).chosen == "majority"
    verdict = choose([majority, fair], codes=codes)
    assert verdict.ranked_candidates[0].score == pytest.approx(0.5)
    assert verdict.chosen == "fair"


def test_groups_make_it_humbler():
    groups = np.arange(N) // 10
    better = Candidate("tree", groups < 17)
    base = Candidate("mean", groups < 15)
    assert choose([base, better]).chosen == "tree"
    assert choose([base, better], groups=groups).chosen == "mean"


def test_repeats_are_one_set_of_items():
    folds = np.stack([FOLDS, FOLDS[::-1]])
    pair = [
        Candidate("mean", np.stack([PLACE < 120] * 2)),
        Candidate("tree", np.stack([PLACE < 160] * 2)),
    ]
    assert choose(pair, folds=folds).chosen == "tree"


def test_a_verdict_survives_json():
    verdict = choose([right(0.8, "mean"), right(0.81, "tree")])
    assert Selection.model_validate_json(verdict.model_dump_json()) == verdict


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(ParameterError, match="no candidates"):
        choose([])
    with pytest.raises(ParameterError, match="shapes"):
        choose([right(0.5, n=100), right(0.5)])
    with pytest.raises(ParameterError, match="fallback"):
        choose([right(0.5)], fallback="tree")
    with pytest.raises(DataError, match="no items"):
        choose([Candidate("mean", np.zeros(0))])


def test_any_gain_will_do_where_it_was_measured_before() -> None:
    right = np.arange(40) % 10
    few = [Candidate("plain", right < 7), Candidate("more", right < 7)]
    better = [few[0], Candidate("more", (right < 7) | (np.arange(40) == 7))]
    assert choose(few, rule="higher score").chosen == "plain"
    assert choose(better, rule="higher score").chosen == "more"
    assert choose(better, rule="one standard error").chosen == "plain"
    assert not choose(better, rule="higher score", min_items=41).ranked


def test_names_that_are_there_twice_are_refused() -> None:
    with pytest.raises(ParameterError, match="called mean"):
        choose([right(0.5, "mean"), right(0.6, "tree"), right(0.7, "mean")])


@pytest.mark.parametrize(
    ("counts", "enough"),
    [
        ([1] * 36, False),
        ([3] * 100, False),
        ([60, 2], False),
        ([60, 4], False),
        ([60, 12], True),
        ([5] * 9, True),
        ([30] * 100 + [1], True),
    ],
)
def test_classes_need_items_of_their_own(counts: list[int], enough: bool) -> None:
    codes = np.repeat(np.arange(len(counts)), counts)
    pair = [Candidate("majority", codes == 0), Candidate("probe", codes >= 0)]
    verdict = choose(pair, codes=codes, fallback="probe")
    assert verdict.ranked == enough
    assert verdict.chosen == "probe"
    if not enough:
        assert "rarest class" in verdict.reason
        assert verdict.ranked_candidates[0].behind is None


def test_items_of_one_group_are_one() -> None:
    codes = np.arange(120) % 2
    pair = [Candidate("majority", codes == 0), Candidate("probe", codes >= 0)]
    assert choose(pair, codes=codes).ranked
    groups = np.arange(120) // 40 * 2 + codes
    assert not choose(pair, codes=codes, groups=np.where(codes, groups, np.arange(120))).ranked


def test_a_difference_of_shares_is_never_more_than_all() -> None:
    codes = np.repeat([0, 1], [400, 10])
    pair = [Candidate("majority", codes == 0), Candidate("probe", (codes == 1) | (PLACE[0] < 0))]
    behind = choose(pair, codes=codes, folds=np.arange(410) % 5).ranked_candidates[0].behind
    assert behind is None or -1 <= behind.low <= behind.high <= 1
    test = paired_items([1, 1, 1], n_folds=3, limit=1.0)
    assert test.high == 1
    assert paired_items([1, 1, 1], n_folds=3).high > 1


def test_the_best_of_several_has_to_beat_its_luck() -> None:
    """A lead that is enough for one rival is not for the best of ten."""
    probe = right(0.75, "probe")
    rival = Candidate("tuned", (PLACE >= 6) & (PLACE < 164))
    one = choose([probe, rival], folds=FOLDS, rule="best of several")
    ten = choose([probe, rival], folds=FOLDS, rule="best of several", n_tried=10)
    assert one.chosen == "tuned"
    assert ten.chosen == "probe"
    assert ten.reason.endswith("more than probe, not certain for the best of 10: keeping probe.")
    assert ten.ranked_candidates[1].beaten


def test_of_several_that_win_the_simplest_is_taken() -> None:
    many = [right(0.5, "probe"), right(0.79, "short"), right(0.8, "long"), right(0.55, "poor")]
    verdict = choose(many, folds=FOLDS, rule="best of several")
    assert verdict.chosen == "short"
    assert verdict.equals == ("short", "long")


def test_what_is_gained_in_one_fold_only_is_not_certain() -> None:
    """All gains are in one fold: the folds differ too much to trust the next fit."""
    probe = PLACE < 0.6 * N
    gained = np.flatnonzero(~probe & (FOLDS == 0))
    tuned = probe.copy()
    tuned[gained] = True
    spread = probe.copy()
    spread[np.flatnonzero(~probe)[: len(gained)]] = True
    rivals = (Candidate("lucky", tuned), Candidate("steady", spread))
    chosen = [
        choose([Candidate("probe", probe), rival], folds=FOLDS, rule="best of several").chosen
        for rival in rivals
    ]
    assert chosen == ["probe", "steady"]
