"""The video that is written: its times, its format, and what else may lie there."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.deployment.live.videos import ColourRecogniser, moving, plain, write_video
from topwork.deployment.live.drawing import drawn
from topwork.deployment.live.frame import Frame
from topwork.deployment.live.live_recognition import watch
from topwork.deployment.live.recognised_frame import RecognisedFrame
from topwork.deployment.live.recognition.scene_state import SceneState
from topwork.deployment.live.recognition.smoothing import UNKNOWN, SmoothedLabel
from topwork.deployment.live.video_writer import VideoWriter
from topwork.errors import ParameterError

TIMES = [0.0, 0.1, 0.15, 0.5, 0.52, 0.56, 2.0, 2.01]


def _recognised(image: np.ndarray, time_s: float, code: int = 0) -> RecognisedFrame:
    recogniser = ColourRecogniser()
    frame = Frame(image, time_s, 0.0, 0.0)
    state = SceneState(SmoothedLabel(code, 0.9, changed=False))
    return RecognisedFrame(frame, recogniser.recognise(image), state, recogniser.labels, False, 0.0)


def _frames(file: Path) -> list[tuple[float, np.ndarray]]:
    import av

    with av.open(str(file)) as container:
        return [(f.time, f.to_ndarray(format="rgb24")) for f in container.decode(video=0)]


def test_the_times_of_the_source_are_kept(tmp_path: Path) -> None:
    source = write_video(tmp_path / "v.mkv", moving(8, height=120, width=160), times=TIMES)
    out = tmp_path / "out.mp4"
    assert len(list(watch(ColourRecogniser(), source, out=out))) == 8
    found = _frames(out)
    assert [time_s for time_s, _ in found] == pytest.approx(TIMES, abs=2e-3)
    last = np.asarray(moving(8, height=120, width=160)[-1], int)
    assert np.abs(found[-1][1][60:].astype(int) - last[60:]).mean() < 15


def test_a_browser_can_play_it(tmp_path: Path) -> None:
    import av

    source = write_video(tmp_path / "v.mp4", moving(30))
    out = tmp_path / "out.mp4"
    list(watch(ColourRecogniser(), source, out=out))
    with av.open(str(out)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
    data = out.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")  # the index comes first
    assert not list(tmp_path.glob(".*"))


def test_sides_become_even_and_other_sizes_are_fitted(tmp_path: Path) -> None:
    writer = VideoWriter(tmp_path / "out.mp4")
    for i, (height, width) in enumerate([(51, 67), (51, 67), (90, 30), (51, 67)]):
        writer.frame(_recognised(plain("red", height=height, width=width), i / 10))
    writer.close()
    assert [image.shape for _, image in _frames(tmp_path / "out.mp4")] == [(50, 66, 3)] * 4


def test_times_that_do_not_grow_still_make_a_video(tmp_path: Path) -> None:
    writer = VideoWriter(tmp_path / "out.mp4")
    for time_s in (0.0, 0.04, 0.04, 0.01, 0.08):
        writer.frame(_recognised(plain("green"), time_s))
    writer.close()
    times = [time_s for time_s, _ in _frames(tmp_path / "out.mp4")]
    assert len(times) == 5
    assert (np.diff(times) > 0).all()


def test_what_is_shown_is_written_on_it() -> None:
    image = plain("blue", height=240, width=320)
    shown, unknown = (np.asarray(drawn(_recognised(image, 0.0, code))) for code in (0, UNKNOWN))
    assert (shown[30:] == image[30:]).all()
    assert (shown[:20, :60] == 255).any()
    assert (shown != unknown).any()
    assert (image == plain("blue", height=240, width=320)).all()  # the frame itself is untouched


def test_only_own_videos_are_written_over(tmp_path: Path) -> None:
    source = write_video(tmp_path / "v.mp4", moving(5))
    before = source.read_bytes()
    with pytest.raises(ParameterError, match="not written by topwork"):
        watch(ColourRecogniser(), source, out=source)
    assert source.read_bytes() == before
    with pytest.raises(ParameterError, match="under another name"):
        watch(ColourRecogniser(), source, out=tmp_path / "v.avi")
    out = tmp_path / "out.mp4"
    for _ in range(2):
        list(watch(ColourRecogniser(), source, out=out))
    assert len(_frames(out)) == 5


def test_the_command_says_where_it_is(watched_model: Path, tmp_path: Path, capsys) -> None:
    from topwork.cli.app import run

    source, out = write_video(tmp_path / "v.mp4", moving(5)), tmp_path / "out.mp4"
    arguments = ["watch", str(watched_model), str(source), "--out", str(out)]
    assert run([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["video"] == str(out)
    assert len(_frames(out)) == 5
    assert run(arguments) == 0
    assert f"Wrote the video to {out}." in capsys.readouterr().out
