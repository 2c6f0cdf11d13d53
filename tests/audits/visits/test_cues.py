"""Questions in a few words."""

import pytest

from audits.checklists.content import default_checklists
from audits.fieldwork.visits.cues import LONGEST, cue


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("Sàn, cửa kính, quầy và ghế chờ sạch; ánh sáng đủ", "Sàn"),
        ("Mỉm cười và nhìn vào khách khi chào", "Mỉm cười"),
        ("Giao dịch viên chủ động chào trước khi khách lên tiếng", "Chủ động chào trước…"),
        ("Biển hiệu đúng nhận diện VNPT/VinaPhone, sạch", "Biển hiệu đúng nhận diện"),
        ("Giờ mở cửa được niêm yết dễ thấy", "Giờ mở cửa được niêm…"),
        ("Tổng thời gian phục vụ tại quầy (phút)", "Tổng thời gian phục vụ…"),
        ("Đến đúng hẹn", "Đến đúng hẹn"),
        ("The floor and the counter are clean", "The floor"),
        ("VNPT", ""),
        ("", ""),
    ],
)
def test_the_first_clause_says_enough(text, short):
    assert cue(text) == short


def test_every_question_of_the_running_checklists_has_a_cue_that_names_nobody():
    sections = [section for each in default_checklists() for section in each["sections"]]
    texts = [criterion["text_vi"] for section in sections for criterion in section["criteria"]]
    assert len(texts) > 100
    for text in texts:
        assert cue(text)
        assert len(cue(text).split()) <= LONGEST
        assert "VNPT" not in cue(text)
