using Microsoft.AspNetCore.Http.HttpResults;

namespace CoEdit.Server;

/// <summary>The group <c>/api/v1/rooms</c>, for administrators: what is open, and who is in it.</summary>
internal static class RoomEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        RouteGroupBuilder rooms = api.MapGroup("/rooms").WithTags("Rooms");
        rooms.RequireAuthorization(CoEditPolicies.ServerAdmin);
        rooms.ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden);
        ListRooms.Map(rooms);
        KickPeer.Map(rooms);
    }

    public static ProblemHttpResult NoSuchPeer(string name, long id) =>
        TypedResults.Problem($"There is no peer {id} in \"{name}\".", statusCode: StatusCodes.Status404NotFound, title: "No such peer");
}
