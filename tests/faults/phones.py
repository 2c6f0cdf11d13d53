"""Phones that send a visit to a real server, and send again under the same ids until they are answered."""

import hashlib
import http.client
import io
import json
import random
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import uuid4

from django.test.client import BOUNDARY, MULTIPART_CONTENT, Client, encode_multipart
from django.urls import reverse
from PIL import Image

TOKEN = "a" * 32
RECEIPT = re.compile(r"NC-\d{6}-[2-9A-Z]{5}")
# What the checklist of tests.sheets asks for before it can be submitted, in the requests in which it is sent.
ANSWERS = (
    {"TK-A1": {"TK-A1": "yes"}, "TK-A2": {"TK-A2": "partly", "TK-A2-note": "Chờ lâu"}},
    {"TK-B1": {"TK-B1-number": "7"}, "TK-B2": {"TK-B2": "a"}},
    {"TK-Z1": {"TK-Z1": "4"}, "TK-Z2": {"TK-Z2-text": "Tôi vào lúc vắng khách."}},
)


@dataclass
class Answered:
    """A whole answer of the server."""

    status: int
    location: str
    body: bytes

    def json(self):
        return json.loads(self.body)


class Unanswered(Exception):
    """The connection ended before an answer did."""


@dataclass
class Phone:
    """A signed-in shopper's. `retries` counts requests that were sent once more."""

    port: int
    user: str
    cookie: str
    retries: int = 0

    @classmethod
    def of(cls, port: int, user) -> "Phone":
        client = Client()
        client.force_login(user)
        cookies = {name: morsel.value for name, morsel in client.cookies.items()} | {"csrftoken": TOKEN}
        return cls(port, str(user.public_id), "; ".join(f"{name}={value}" for name, value in cookies.items()))

    def once(self, path: str, body: bytes | None = None, kind: str = "application/json") -> Answered:
        """One request: GET without a body. Raises Unanswered."""
        headers = {"Cookie": self.cookie, "X-CSRFToken": TOKEN, "Content-Type": kind}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET" if body is None else "POST", path, body, headers)
            answer = connection.getresponse()
            return Answered(answer.status, answer.headers.get("Location", ""), answer.read())
        except (OSError, http.client.HTTPException) as broken:
            raise Unanswered from broken
        finally:
            connection.close()

    def surely(self, path: str, body: bytes | None = None, kind: str = "application/json") -> Answered:
        """Again and again, until the server has answered with something that is no failure of its own."""
        for _ in range(400):
            try:
                answer = self.once(path, body, kind)
            except Unanswered:
                answer = None
            if answer and answer.status < 500:
                return answer
            self.retries += 1
            time.sleep(random.uniform(0.01, 0.1))
        raise AssertionError(f"no answer to 400 requests of {path}")


@dataclass
class SentVisit:
    """One visit as its phone has it: what it sends, under which ids, and what it was shown."""

    public_id: str
    changes: list[tuple[str, bytes]] = field(default_factory=list)
    photo: bytes = b""
    photo_id: str = field(default_factory=lambda: str(uuid4()))
    receipt: str = ""
    statuses: list[int] = field(default_factory=list)

    def addresses(self, name: str) -> str:
        return reverse(f"audits:{name}", kwargs={"visit_id": self.public_id})


def drawn_photo(number: int) -> bytes:
    """A JPEG of about 100 kB that no other number gives."""
    noise = random.Random(number).randbytes(200 * 150 * 3)
    buffer = io.BytesIO()
    Image.frombytes("RGB", (200, 150), noise).resize((640, 480)).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def changes_body(user: str, answers: Mapping[str, Mapping[str, str]]) -> bytes:
    changes = [
        {"id": str(uuid4()), "code": code, "fields": {**fields, f"{code}-seen": "0"}}
        for code, fields in answers.items()
    ]
    return json.dumps({"user": user, "changes": changes}).encode()


def photo_body(user: str, photo: bytes, id_: str) -> bytes:
    file = io.BytesIO(photo)
    file.name = "anh.jpg"
    fields = {"user": user, "id": id_, "code": "TK-A1", "sha256": hashlib.sha256(photo).hexdigest(), "photo": file}
    return encode_multipart(BOUNDARY, fields)


def send_visit(phone: Phone, sent: SentVisit) -> None:
    """Answers, the photo, the submission, the receipt; one request of five once more though it was answered."""
    requests = [
        *((sent.addresses("changes_receive"), changes_body(phone.user, each), "application/json") for each in ANSWERS),
        (sent.addresses("photo_receive"), photo_body(phone.user, sent.photo, sent.photo_id), MULTIPART_CONTENT),
        (sent.addresses("visit_submit"), urlencode({}).encode(), "application/x-www-form-urlencoded"),
    ]
    for path, body, kind in requests:
        for _ in range(2 if random.random() < 0.2 else 1):
            sent.statuses.append(phone.surely(path, body, kind).status)
    page = phone.surely(sent.addresses("visit_receipt"))
    if shown := RECEIPT.search(page.body.decode()):
        sent.receipt = shown[0]


def requests(visit, phone: Phone, photo: bytes) -> dict[str, tuple[str, bytes, str]]:
    """What a phone may send, by name: address, body, kind."""
    sent = SentVisit(str(visit.public_id))
    return {
        "changes": (sent.addresses("changes_receive"), changes_body(phone.user, ANSWERS[0]), "application/json"),
        "photo": (
            sent.addresses("photo_receive"),
            photo_body(phone.user, photo, sent.photo_id),
            MULTIPART_CONTENT,
        ),
        "submit": (sent.addresses("visit_submit"), urlencode({}).encode(), "application/x-www-form-urlencoded"),
    }
