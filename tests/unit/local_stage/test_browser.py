import pytest
import responses

from infra_cdk.local.browser import Browser, NotOnPage

PAGE = """
<a href="/oauth/x/start">Connect</a>
<form method="post" action="/deny"><button>No</button></form>
<form method="post"><input type="hidden" name="csrf" value="t1"><input type="checkbox" name="more" value="1">
<button name="answer" value="yes">Allow <b>and install</b></button></form>
"""


@responses.activate
def test_a_button_sends_the_fields_of_its_own_form_and_itself() -> None:
    responses.get("http://localhost/page", body=PAGE)
    responses.post(
        "http://localhost/page",
        body="done",
        match=[responses.matchers.urlencoded_params_matcher({"csrf": "t1", "answer": "yes"})],
    )
    browser = Browser().get("http://localhost/page").press("install")
    assert browser.text == "done"
    assert responses.calls[1].request.headers["Origin"] == "http://localhost"


@responses.activate
def test_a_link_is_followed_by_a_part_of_its_address() -> None:
    responses.get("http://localhost/page", body=PAGE)
    responses.get("http://localhost/oauth/x/start", body="consent")
    assert Browser().get("http://localhost/page").follow("/oauth/x/").text == "consent"


@responses.activate
def test_what_is_not_on_the_page_is_said_with_the_page() -> None:
    responses.get("http://localhost/page?secret=1", body=PAGE, status=409)
    browser = Browser().get("http://localhost/page?secret=1")
    with pytest.raises(NotOnPage, match=r"no button 'pay' on http://localhost/page \(HTTP 409\)"):
        browser.press("pay")
    with pytest.raises(NotOnPage, match="no link"):
        browser.follow("/nowhere")
