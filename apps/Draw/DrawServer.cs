using Starling.Server.Sockets;

namespace Starling.Apps.Draw;

/// <summary>The events of the drawing board: namespace <c>/draw</c>, one room per board.</summary>
internal sealed class DrawServer(BoardTable boards)
{
    private const string SeatKey = "seat";
    private const string NotJoined = "Join a board first.";

    public void Map(INamespace draw)
    {
        draw.OnRequest<JoinRequest, JoinReply>("join", JoinAsync);
        draw.OnRequest<PointsRequest, Reply>("points", PointsAsync);
        draw.OnRequest("undo", UndoAsync);
        draw.OnRequest("clear", ClearAsync);
        draw.On<PointerRequest>("pointer", PointerAsync);
        draw.OnDisconnect((socket, _) => LeaveAsync(socket));
    }

    private async Task<JoinReply> JoinAsync(Socket socket, JoinRequest? request)
    {
        if (DrawRules.Check(request) is { } error)
        {
            return new JoinReply(error);
        }

        await LeaveAsync(socket);
        var person = new Person(DrawRules.AuthorOf(request!.Key!), request.Name!.Trim(), request.Color!);
        if (boards.Enter(request.Board!, socket.Id, person) is not { } board)
        {
            return new JoinReply("This board, or the server, has no place left.");
        }

        // First the room, then the picture: a stroke in between comes twice, which its offset tells, instead of never.
        socket.Data[SeatKey] = new Seat(request.Board!, board, person.Author);
        socket.Join(request.Board!);
        await TellPeopleAsync(socket, request.Board!, board);
        return new JoinReply(Error: null, person.Author, board.Picture(), board.People());
    }

    private async Task<Reply> PointsAsync(Socket socket, PointsRequest? request)
    {
        if (SeatOf(socket) is not { } seat)
        {
            return new Reply(NotJoined);
        }

        if (DrawRules.Check(request) is { } wrong)
        {
            return new Reply(wrong);
        }

        if (seat.Board.Draw(seat.Author, request!, out var added) is { } refused)
        {
            return new Reply(refused);
        }

        if (added is not null)
        {
            await socket.To(seat.Name).EmitAsync("points", added);
        }

        return Reply.Ok;
    }

    private async Task<Reply> UndoAsync(Socket socket)
    {
        if (SeatOf(socket) is not { } seat)
        {
            return new Reply(NotJoined);
        }

        if (seat.Board.Undo(seat.Author) is not { } stroke)
        {
            return new Reply("There is nothing of yours to take back.");
        }

        await socket.Namespace.To(seat.Name).EmitAsync("remove", stroke);
        return Reply.Ok;
    }

    private async Task<Reply> ClearAsync(Socket socket)
    {
        if (SeatOf(socket) is not { } seat)
        {
            return new Reply(NotJoined);
        }

        seat.Board.Clear();
        await socket.Namespace.To(seat.Name).EmitAsync("clear");
        return Reply.Ok;
    }

    private async Task PointerAsync(Socket socket, PointerRequest? request)
    {
        if (SeatOf(socket) is { } seat && DrawRules.IsOnBoard(request))
        {
            await socket.To(seat.Name).Volatile.EmitAsync("pointer", new PointerView(seat.Author, request!.X, request.Y));
        }
    }

    private static async Task LeaveAsync(Socket socket)
    {
        if (SeatOf(socket) is { } seat)
        {
            socket.Data.Remove(SeatKey);
            socket.Leave(seat.Name);
            seat.Board.Leave(socket.Id);
            await TellPeopleAsync(socket, seat.Name, seat.Board);
        }
    }

    private static ValueTask TellPeopleAsync(Socket socket, string name, Board board) =>
        socket.To(name).EmitAsync("people", board.People());

    private static Seat? SeatOf(Socket socket) => socket.Data.TryGetValue(SeatKey, out var seat) ? (Seat?)seat : null;

    private sealed record Seat(string Name, Board Board, string Author);
}
