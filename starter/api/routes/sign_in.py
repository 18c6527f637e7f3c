"""The routes of a member of staff's own sign-in: who they are, and signing out."""

from typing import Annotated

from fastapi import Depends, FastAPI, Response
from pydantic import BaseModel

from starter.api.auth.staff import StaffCaller
from starter.api.context import ApiContext
from starter.api.openapi import FOR_STAFF, failures, success
from starter.api.problems import translate_errors

WHO_EXAMPLE = {
    "id": "m.hughes",
    "name": "Megan Hughes",
    "email": "megan.hughes@staff.example.org",
    "roles": ["manager"],
    "leads": [],
}


class WhoAmI(BaseModel):
    """A member of staff as the directory has them."""

    id: str
    """Their staff id: the actor of their acts."""
    name: str
    email: str | None
    roles: tuple[str, ...]
    """The steps at which they act, `administrator` and `auditor` among them."""
    leads: tuple[str, ...]
    """Ids of the tiers that they lead."""


def add_routes(app: FastAPI, context: ApiContext) -> None:
    member = Annotated[StaffCaller, Depends(context.authorizer.require_staff())]

    @app.get(
        "/whoami",
        response_class=Response,
        summary="Say who signed in.",
        responses={200: success(WhoAmI, "Who signed in.", WHO_EXAMPLE), **failures()},
        openapi_extra=dict(FOR_STAFF),
    )
    async def who_am_i(caller: member) -> Response:
        who = WhoAmI.model_validate(caller.member, from_attributes=True)
        return Response(who.model_dump_json(), media_type="application/json")

    @app.post(
        "/sign-out",
        response_class=Response,
        status_code=204,
        summary="Sign out: the access token, and the earlier ones of its session, are valid no more.",
        responses={204: {"description": "Signed out. Also revoke the refresh token, at the provider."}, **failures()},
        openapi_extra=dict(FOR_STAFF),
    )
    async def sign_out(caller: member) -> Response:
        with translate_errors():
            await context.authorizer.sign_out(caller)
        return Response(status_code=204)
