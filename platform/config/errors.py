"""Pages for what went wrong, in Chinese, with a way on."""

from django.shortcuts import render

from rulebook.refusals import Refused


def page(request, status, message, next_step):
    refusal = Refused("error", message, next_step=next_step, status=status)
    return render(request, "web/refused.html", {"refusal": refusal}, status=status)


def bad_request(request, exception=None):
    return page(request, 400, "请求不完整，平台无法处理。", "请返回上一页，刷新后重试。")


def forbidden(request, exception=None):
    return page(request, 403, "你没有权限查看这个页面。", "如需办理，请使用有权限的账号登录。")


def not_found(request, exception=None):
    return page(request, 404, "没有找到这个页面。", "请核对网址，或在首页搜索公告、项目编号和单位名称。")


def broken(request):
    return render(request, "web/broken.html", status=500)
