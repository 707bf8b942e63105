"""How a person gets into the demo city."""

from pathlib import Path

import pyotp
from django.conf import settings

from config.demo.city import PASSWORD, TOTP_SECRET
from config.demo.words import HOST, TOWNSHIP, WATCHERS

SIGN_INS = (
    ("交易中心", "13900000001", True), ("监督部门", "13900000002", True), ("代理机构", "13900000003", False),
    ("投标人", "13900000004", False), ("评标专家", "13900000005", False), ("平台管理员", "13900000009", True),
    ("乡镇交易中心", TOWNSHIP[1], True), ("异地评标副场", HOST[2], True), *((name, mobile, True) for _, name, mobile in WATCHERS),
)  # fmt: skip


def sign_in_lines():
    """One sign-in for each role, as `bin/serve` prints them, and where the demo people's key files are."""
    code = pyotp.TOTP(TOTP_SECRET).now()
    lines = [f"{role}：{mobile}  密码 {PASSWORD}" + ("  需动态口令" if totp else "") for role, mobile, totp in SIGN_INS]
    lines.append(f"动态口令密钥 {TOTP_SECRET}（可加入身份验证器），此刻的口令 {code}")
    lines += [f"密钥文件 {path}  口令 {PASSWORD}" for path in sorted((Path(settings.VAR) / "demo").glob("*.p12"))]
    return [*lines, f"短信与语音：{settings.ETP_BASE_URL}/outbox/"]
