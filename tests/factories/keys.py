"""Keys made on the key page as a person makes them, step by step."""

import re

from playwright.sync_api import expect


def make_key_file(page, password, path, *, recovery=True):
    """On the open key page: make keys, save the file at `path`, prove that, write the code down. The code, or None."""
    page.get_by_label("设置口令").fill(password)
    page.get_by_label("再次输入口令").fill(password)
    code = None
    if page.locator("#recovery").is_visible():
        page.locator("#recovery").set_checked(recovery)
    else:
        recovery = False
    with page.expect_download() as waiting:
        page.get_by_role("button", name="生成密钥文件").click()
    waiting.value.save_as(path)
    assert waiting.value.suggested_filename.endswith(".p12")
    page.get_by_label("刚保存的密钥文件").set_input_files(path)
    page.get_by_role("button", name="核对", exact=True).click()
    if recovery:
        page.locator("#code li").first.wait_for()
        groups = page.locator("#code li").all_text_contents()
        code = "AGE-SECRET-KEY-1" + "".join(groups)
        page.get_by_role("button", name="已打印或抄好，下一步").click()
        for field in ("group0", "group1"):
            place = int(re.search(r"\d+", page.text_content(f"label[for={field}]"))[0])
            page.fill(f"#{field}", groups[place - 1].lower())
        page.get_by_role("button", name="核对并登记").click()
    expect(page.locator("#make-keys[data-done]")).to_be_attached(timeout=20_000)
    return code
