import httpx2
import pytest
from openai import AuthenticationError, BadRequestError, NotFoundError, OpenAI

from tests.emulator.running import KEY, Running

REQUEST = {"model": "gpt-5.1", "input": "Say hello"}


def post(emulator: Running, path: str, headers: dict[str, str]) -> httpx2.Response:
    """With these headers, and without the key that ``emulator.http`` sends."""
    return httpx2.post(f"{emulator.url}{path}", json=REQUEST, headers=headers)


@pytest.mark.parametrize("headers", [{"api-key": KEY}, {"authorization": f"Bearer {KEY}"}])
@pytest.mark.parametrize("path", ["/openai/v1/responses", "/openai/responses?api-version=2025-03-01-preview"])
def test_azure_takes_the_key_in_either_header(emulator: Running, path: str, headers: dict[str, str]) -> None:
    assert post(emulator, path, headers).status_code == 200


def test_azure_refuses_a_wrong_key_in_its_gateways_words(emulator: Running) -> None:
    answer = post(emulator, "/openai/v1/responses", {"api-key": "wrong"})
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "401"
    assert "invalid subscription key" in answer.json()["error"]["message"]


@pytest.mark.parametrize("token", ["nonsense", "eyJhdWQiOiJ4In0=.00", "."])
def test_azure_refuses_a_token_that_it_did_not_issue(emulator: Running, token: str) -> None:
    refused = post(emulator, "/openai/v1/responses", {"authorization": f"Bearer {token}"})
    assert refused.status_code == 401
    assert refused.json()["message"].startswith("Unauthorized. Access token is missing")


def test_azure_refuses_a_request_without_any_key(emulator: Running) -> None:
    assert post(emulator, "/openai/v1/responses", {}).status_code == 401


def test_openai_takes_the_key_as_a_bearer_only(emulator: Running) -> None:
    with OpenAI(base_url=f"{emulator.url}/v1/", api_key=KEY, max_retries=0) as client:
        assert client.responses.create(model="gpt-5.1", input="Say hello").status == "completed"
    answer = post(emulator, "/v1/responses", {"api-key": KEY})
    assert answer.status_code == 401
    assert "You didn't provide an API key" in answer.json()["error"]["message"]


def test_openai_shows_hardly_any_of_a_wrong_key(emulator: Running) -> None:
    with (
        OpenAI(base_url=f"{emulator.url}/v1/", api_key="sk-wrong-0123456789", max_retries=0) as client,
        pytest.raises(AuthenticationError) as caught,
    ):
        client.responses.create(model="gpt-5.1", input="Say hello")
    assert caught.value.code == "invalid_api_key"
    assert "wrong-01234567" not in str(caught.value)


def test_the_dated_route_works_from_the_first_version_that_has_responses(emulator: Running) -> None:
    with emulator.dated("2025-03-01-preview") as client:
        assert client.responses.create(model="gpt-5.1", input="Say hello").status == "completed"
    recorded = emulator.last_request("create")
    assert (recorded["path"], recorded["query"]) == ("/openai/responses", "api-version=2025-03-01-preview")


def test_an_older_version_is_refused(emulator: Running) -> None:
    with (
        emulator.dated("2024-10-21") as client,
        pytest.raises(BadRequestError, match="enabled only for api-version 2025-03-01-preview and later"),
    ):
        client.responses.create(model="gpt-5.1", input="Say hello")


def test_the_dated_route_needs_a_version(emulator: Running) -> None:
    assert emulator.http.post("/openai/responses", json=REQUEST).status_code == 404


def test_v1_takes_no_dated_version(emulator: Running) -> None:
    answer = emulator.http.post("/openai/v1/responses?api-version=2025-04-01-preview", json=REQUEST)
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "API version not supported")


def test_azure_says_that_it_has_no_such_deployment(emulator: Running) -> None:
    with emulator.openai() as client, pytest.raises(NotFoundError) as caught:
        client.responses.create(model="gpt-3", input="Say hello")
    assert caught.value.code == "DeploymentNotFound"


def test_openai_says_that_it_has_no_such_model(emulator: Running) -> None:
    with (
        OpenAI(base_url=f"{emulator.url}/v1/", api_key=KEY, max_retries=0) as client,
        pytest.raises(BadRequestError) as caught,
    ):
        client.responses.create(model="gpt-3", input="Say hello")
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")


def test_answers_carry_the_ids_and_limits_of_their_service(emulator: Running) -> None:
    azure = emulator.post().headers
    assert {"x-request-id", "apim-request-id", "x-ms-region", "x-ratelimit-remaining-tokens"} <= set(azure)
    openai = post(emulator, "/v1/responses", {"authorization": f"Bearer {KEY}"}).headers
    assert openai["x-request-id"].startswith("req_")
    assert "apim-request-id" not in openai


def test_an_unknown_path_is_404(emulator: Running) -> None:
    answer = emulator.http.post("/openai/v1/conversations", json={})
    assert answer.status_code == 404
    assert answer.json() == {"error": {"code": "404", "message": "Resource not found"}}
