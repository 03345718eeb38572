"""Kinds of cell that hold a person: names, identity-card numbers, telephones, e-mail. No reason repeats any of them."""

import re
from collections.abc import Iterator, Mapping
from datetime import date

from flows.workbooks.cells import NOTHING, plain, shown, text_of
from flows.workbooks.sheets import CellFault, CellKind, Column, Raw, RowCheck
from states.idcard import LENGTH, gender_of, id_card_fault

_NAME_LIMIT = 50
_HAN_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff〇·\s]+")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE)
_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})")
_LANDLINE = re.compile(r"(?:\+?86|0086)?(0(?:10|2\d|[3-9]\d{2}))(\d{7,8})(?:(?:转|EXT\.?|X|#|-)(\d{1,6}))?", re.IGNORECASE)
_SERVICE = re.compile(r"400\d{7}")
_LOST_ZERO = re.compile(r"(?:10|2\d|[3-9]\d{2})\d{8}")
_EMAIL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._%+-]*[A-Za-z0-9_+-])?@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")
_EMAIL_LIMIT = 254


def _name(raw: Raw, _column: Column, _today: date) -> str:
    text = re.sub(r"[•・‧∙．]", "·", " ".join(text_of(raw).split()))
    if _HAN_NAME.fullmatch(text):
        text = re.sub(r"\s", "", text)
    if re.search(r"\d", text) or text in NOTHING:
        raise CellFault("姓名中不应有数字或只有符号", "请填写真实姓名")
    if len(text) > _NAME_LIMIT:
        raise CellFault(f"姓名超过{_NAME_LIMIT}字", "请检查是否填错了列")
    return text


def _id_card(raw: Raw, _column: Column, today: date) -> str:
    text = re.sub(r"[\s'’‘`-]", "", plain(raw)).replace("×", "X").upper()
    if _SCIENTIFIC.fullmatch(text):
        raise CellFault("身份证号变成了科学计数法，末几位已丢失", "请先把该格设为“文本”格式，再重新录入18位号码")
    fault = id_card_fault(text, today)
    if fault is not None:
        raise CellFault(fault, "请照身份证核对后重新填写")
    return text


def _phone(raw: Raw, _column: Column, _today: date) -> str:
    text = re.sub(r"[\s()'’·.]", "", plain(raw))
    bare = text.replace("-", "")
    if mobile := _MOBILE.fullmatch(bare):
        return mobile[1]
    if landline := _LANDLINE.fullmatch(re.sub(r"-(?=\d{7})", "", text)) or _LANDLINE.fullmatch(bare):
        return f"{landline[1]}-{landline[2]}{f'-{landline[3]}' if landline[3] else ''}"
    if _SERVICE.fullmatch(bare):
        return bare
    raise CellFault(*_phone_fault(bare))


def _phone_fault(digits: str) -> tuple[str, str]:
    if _LOST_ZERO.fullmatch(digits):
        return "固定电话可能丢了区号开头的0", "请把该格设为“文本”格式，填如 0571-12345678"
    if re.search(r"[、，,;；/]", digits):
        return "一格里有不止一个电话", "请只留一个电话"
    if re.fullmatch(r"\d{7,8}", digits):
        return "固定电话没有区号", "请带上区号，如 0571-12345678"
    return "不是有效的手机或固定电话", "请填11位手机号，或带区号的固定电话，如 0571-12345678"


def _email(raw: Raw, _column: Column, _today: date) -> str:
    text = re.sub(r"\s", "", plain(raw)).removeprefix("mailto:").replace("。", ".")
    if len(text) > _EMAIL_LIMIT or ".." in text or not _EMAIL.fullmatch(text):
        raise CellFault("不是有效的邮箱地址", "请只填一个邮箱，如 gonghui@example.com")
    local, _, domain = text.rpartition("@")
    return f"{local}@{domain.lower()}"


def same_gender(gender_field: str, id_card_field: str) -> RowCheck:
    """Make a check: the gender given must be the one that the identity-card number carries."""

    def check(values: Mapping[str, object], _today: date) -> Iterator[tuple[str, CellFault]]:
        gender, number = values.get(gender_field), values.get(id_card_field)
        if gender and isinstance(number, str) and len(number) == LENGTH and gender != gender_of(number):
            yield gender_field, CellFault("性别与身份证号不符", "请核对性别和身份证号，改正填错的一项")

    return check


NAME = CellKind(_name, shown, empty="")
ID_CARD = CellKind(_id_card, shown, empty="")
PHONE = CellKind(_phone, shown, empty="")
EMAIL = CellKind(_email, shown, empty="")
