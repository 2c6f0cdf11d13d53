"""Requests for a second look, for tests: asked, kept as it is, upheld; and files to send along."""

import io
from datetime import date

from PIL import Image

from audits.models import Block, PublishedVisit, SecondLook
from audits.results.actions import CorrectedValue
from audits.results.second_looks import actions as second_looks
from audits.results.second_looks import attachments
from outlets.models import User
from tests import published

ASKED_AT = published.moment(date(2026, 11, 5))
RULED_AT = published.moment(date(2026, 11, 9))
REASON = "Bảng thông tin đã treo ở cửa chính từ đầu năm, mời xem ảnh."
KEPT = "Ảnh và ghi chép cho thấy kết quả là đúng."
UPHELD = "Ảnh của đơn vị cho thấy tiêu chí đã đạt."


def photo(colour: str = "steelblue", **saved: object) -> bytes:
    """A JPEG; `saved` goes to Pillow: a comment, say."""
    buffer = io.BytesIO()
    Image.new("RGB", (120, 90), colour).save(buffer, "JPEG", **saved)
    return buffer.getvalue()


def pdf(inside: bytes = b"<< /Type /Catalog >>") -> bytes:
    return b"%PDF-1.7\n1 0 obj\n" + inside + b"\nendobj\ntrailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"


def asked(block: Block, by: User, code: str = "A2", *, with_files: bool = False, at=ASKED_AT) -> SecondLook:
    files = [attachments.intake(io.BytesIO(each)) for each in ((photo(), pdf()) if with_files else ())]
    return second_looks.ask(block=block, code=code, reason=REASON, attachments=files, by=by, at=at)


def kept(look: SecondLook, by: User) -> SecondLook:
    second_looks.keep(second_look=look, ruling=KEPT, by=by, at=RULED_AT)
    look.refresh_from_db()
    return look


def doubted(look: SecondLook) -> PublishedVisit:
    """The visit of the block in which the criterion was not met."""
    wanted = {"visit__answers__criterion__code": look.criterion.code, "visit__answers__value": "no"}
    return PublishedVisit.objects.select_related("visit").get(block=look.block_id, **wanted)


def upheld(look: SecondLook, by: User) -> SecondLook:
    values = {doubted(look).visit: CorrectedValue("yes")}
    second_looks.uphold(second_look=look, ruling=UPHELD, values=values, by=by, at=RULED_AT)
    look.refresh_from_db()
    return look
