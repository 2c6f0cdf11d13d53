"""Criteria of the phone form, each drawn once."""

from django import template
from django.template.base import NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe

from audits.fieldwork.visits import cards
from audits.fieldwork.visits.forms import Card

register = template.Library()


class CardNode(template.Node):
    """What it encloses draws `card` of the context, and may use nothing else that differs from visit to visit."""

    def __init__(self, nodelist: NodeList, where: str) -> None:
        self.nodelist = nodelist
        self.where = where

    def render(self, context: Context) -> SafeString:
        def draw(card: Card) -> str:
            with context.push(card=card):
                return self.nodelist.render(context)

        return mark_safe(cards.drawn(context["card"], self.where, draw))


@register.tag
def drawnonce(parser: Parser, token: Token) -> CardNode:
    """`{% drawnonce %}…{% enddrawnonce %}` around what draws `card`."""
    nodelist = parser.parse(["enddrawnonce"])
    parser.delete_first_token()
    return CardNode(nodelist, f"{parser.origin}:{token.lineno}")
