"""The smallest sandbox, for the kit's own tests."""

from flask import Flask, request
from werkzeug.wrappers import Response

from tests.sandbox.kit import ControlError, ControlRoute, Json, Refused, Sandbox, SeedError, json_object, json_reply


class EchoSandbox(Sandbox):
    name = "echo"
    default_port = 9199
    extra_fault_kinds = frozenset({"strange"})

    def clear(self) -> None:
        self.words: dict[str, int] = {}

    def load(self, data: Json) -> None:
        if unknown := set(data) - {"words"}:
            raise SeedError(f"unknown key in the echo seed: {unknown}")
        self.words |= data.get("words", {})

    def state(self) -> Json:
        return {"words": self.words}

    def create_app(self) -> Flask:
        app = Flask("echo")

        @app.post("/say/<word>")
        def say(word: str) -> Response:
            if word == "no":
                raise Refused(422, {"message": "not that word"}, "the word is no")
            self.words[word] = self.words.get(word, 0) + 1
            return json_reply(200, {"word": word, "heard": request.get_data(as_text=True)})

        return app

    def control_routes(self) -> list[ControlRoute]:
        return [("/shout", "POST", self._shout)]

    def _shout(self) -> Response:
        if "word" not in json_object(frozenset({"word"})):
            raise ControlError("shout what?")
        return json_reply(200, {"ok": True})
