"""Notices in the settings file and on the command line."""

from __future__ import annotations

import argparse
import json

import pytest
from notice_kit import NoticeOffice

from vchat_tui.config_file import ConfigError, ConfigFile
from vchat_tui.desk import calls
from vchat_tui.notice_commands import ACTIONS


async def test_a_file_sets_notices_and_mail_server(office: NoticeOffice) -> None:
    toml = {
        "notices": {"agents_email": True, "sms_inbox": "SMS", "agents_email_subject_en": "Hi"},
        "smtp": {"host": "mail.example.com", "user": "me", "password": "geheim", "port": 465,
                 "security": "tls", "from_address": "chat@shop.example"},
    }  # fmt: skip
    await ConfigFile("vchat.toml", toml).apply(office.desk)
    await ConfigFile("vchat.toml", toml).apply(office.desk)
    saved = await office.call(calls.GetNoticeSettings())
    assert saved.notices["agents_email"] and saved.notices["agents_email_subject_en"] == "Hi"
    assert (saved.smtp["port"], saved.smtp["security"]) == (465, "tls")
    assert saved.secrets["password"].set
    for wrong, said in [
        ({"notices": {"agents_fax": True}}, "vchat.toml: [notices]: agents_fax: "),
        ({"smtp": {"security": "hope"}}, "vchat.toml: [smtp]: security: "),
        ({"smtp": {"security": "none"}}, "vchat.toml: [smtp]: security: "),
        ({"notices": 1}, "vchat.toml: [notices] "),
        ({"mail": {}}, "vchat.toml: [mail] "),
    ]:
        with pytest.raises(ConfigError) as refused:
            await ConfigFile("vchat.toml", wrong).apply(office.desk)
        assert str(refused.value).startswith(said)
    assert await office.call(calls.GetNoticeSettings()) == saved


async def test_the_list_for_people_and_scripts(
    office: NoticeOffice, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    await office.set(agents_sms=True, agents_email=True)
    await office.agent("Ana", phone="+34600000001")
    office.twilio.knobs.fail_next = 1
    await office.customer_writes()
    await office.settled(2)

    async def said(action: str, **options: object) -> bytes:
        usual = {"json": False, "state": None, "may_double": False}
        given = argparse.Namespace(**{**usual, **options})
        assert await ACTIONS[action](office.desk, given) == 0
        return capsysbinary.readouterr().out

    email, sms = (await said("notices list")).decode().splitlines()
    assert "skipped  email  Ana" in email and "no e-mail address" in email
    assert "failed  sms  Ana  +34600000001" in sms and "not a valid phone number" in sms
    (shown,) = [
        json.loads(line)
        for line in (await said("notices list", json=True, state="failed")).splitlines()
    ]
    assert shown["error"]["code"] == "21211" and shown["rule"] == "all_offline"
    assert b"pending" in await said("notices retry", id=shown["id"])
    await office.settled(2)
    assert len(office.texts()) == 1
