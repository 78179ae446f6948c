"""A route whose body is large: it is read for those alone who may send it."""

from fastapi import HTTPException, Request, Response
from starlette.concurrency import run_in_threadpool

from fleet_server.core.current_user import RIGHT, USER, Authentication, refuse_without
from fleet_server.core.once_route import Handler, OnceRoute
from fleet_server.core.rights import Right
from fleet_server.core.station import here


class LargeBodyRoute(OnceRoute):
    """Looks who asks before it reads; the framework does so after."""

    def get_route_handler(self) -> Handler:
        """The usual one, behind that look."""
        handler = super().get_route_handler()
        right = Right((self.openapi_extra or {})[RIGHT])

        async def known(request: Request) -> Response:
            user = await run_in_threadpool(here(request)[Authentication].who, request)
            if user is None:
                raise HTTPException(401, "not signed in")
            refuse_without(user, right)
            request.scope[USER] = user
            return await handler(request)

        return known
