using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Starling.Server.Sockets;

namespace Starling.Apps.Draw;

/// <summary>
/// The events of the drawing board: namespace <c>/draw</c>, one room per board. A change is acknowledged, and others hear of it, when it is on
/// the disk; events of a board come in the order of its changes, each with its number.
/// </summary>
internal sealed partial class DrawServer(BoardTable boards, TimeProvider time, ILogger<DrawServer> logger)
{
    private const string SeatKey = "seat";
    private const string NotSaved = "The server cannot save the board now; your strokes are kept and sent again.";

    private static readonly Reply NotJoined = new("Join a board first.");

    // So long clients wait before they send again what could not be saved.
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(2);

    public void Map(INamespace draw)
    {
        draw.OnRequest<JoinRequest, JoinReply>("join", JoinAsync);
        draw.OnRequest<PointsRequest, Reply>("points", PointsAsync);
        draw.OnRequest<ItemRequest, Reply>("undo", UndoAsync);
        draw.OnRequest<ItemRequest, Reply>("clear", ClearAsync);
        draw.OnRequest<ItemRequest, Reply>("restore", RestoreAsync);
        draw.On<PointerRequest>("pointer", PointerAsync);
        draw.OnDisconnect((socket, _) => LeaveAsync(socket));
    }

    private async Task<JoinReply> JoinAsync(Socket socket, JoinRequest? request)
    {
        if (DrawRules.Check(request) is { } error)
        {
            return new JoinReply(error);
        }

        var name = request!.Board!;
        if (SeatOf(socket) is { } left && left.Name != name)
        {
            await LeaveAsync(socket);
        }

        var person = new Person(DrawRules.AuthorOf(request.Key!), request.Name!.Trim(), request.Color!);
        Board? board;
        try
        {
            board = await boards.EnterAsync(name, socket.Id, person);
        }
        catch (SqliteException exception)
        {
            LoadFailed(logger, name, exception);
            return new JoinReply("The server cannot read this board now; try again later.");
        }

        if (board is null)
        {
            return new JoinReply("This board, or the server, has no place left.");
        }

        // First the room, then the picture: a change in between comes twice, which its number tells, instead of never.
        socket.Data[SeatKey] = new Seat(name, person);
        socket.Join(name);
        await TellPeopleAsync(socket, name, board);
        var (strokes, at, cleared) = board.Picture();
        return new JoinReply(Error: null, person.Author, strokes, board.People(), at, cleared);
    }

    private async Task<Reply> PointsAsync(Socket socket, PointsRequest? request)
    {
        if (Find(socket, out var seat) is not { } board)
        {
            return NotJoined;
        }

        if (DrawRules.Check(request) is { } wrong)
        {
            return new Reply(wrong);
        }

        return board.Draw(seat!.Person.Author, request!, out var added, out var change) is { } refused
            ? new Reply(refused)
            : await TellAsync(socket, seat, board, change, at => socket.To(seat.Name).EmitAsync("points", added!, at));
    }

    private async Task<Reply> UndoAsync(Socket socket, ItemRequest? request)
    {
        if (Find(socket, out var seat) is not { } board)
        {
            return NotJoined;
        }

        if (DrawRules.Check(request) is { } wrong)
        {
            return new Reply(wrong);
        }

        var (error, change) = board.Undo(seat!.Person.Author, request!.Id!);
        return error is not null
            ? new Reply(error)
            : await TellAsync(socket, seat, board, change, at => socket.Namespace.To(seat.Name).EmitAsync("remove", request.Id, at));
    }

    private async Task<Reply> ClearAsync(Socket socket, ItemRequest? request)
    {
        if (Find(socket, out var seat) is not { } board)
        {
            return NotJoined;
        }

        if (DrawRules.Check(request) is { } wrong)
        {
            return new Reply(wrong);
        }

        var (clear, change) = board.Clear(request!.Id!, seat!.Person.Name);
        return await TellAsync(socket, seat, board, change, at => socket.Namespace.To(seat.Name).EmitAsync("clear", clear, at));
    }

    private async Task<Reply> RestoreAsync(Socket socket, ItemRequest? request)
    {
        if (Find(socket, out var seat) is not { } board)
        {
            return NotJoined;
        }

        if (DrawRules.Check(request) is { } wrong)
        {
            return new Reply(wrong);
        }

        var (error, change) = board.Restore(request!.Id!);
        return error is not null
            ? new Reply(error)
            : await TellAsync(socket, seat!, board, change, _ => socket.Namespace.To(seat!.Name).EmitAsync("reload"));
    }

    private async Task PointerAsync(Socket socket, PointerRequest? request)
    {
        if (SeatOf(socket) is { } seat && DrawRules.IsOnBoard(request))
        {
            await socket.To(seat.Name).Volatile.EmitAsync("pointer", new PointerView(seat.Person.Author, request!.X, request.Y));
        }
    }

    /// <summary>Tells others of a change that is on the disk. If it cannot be saved, all people get the picture as the disk has it.</summary>
    private async Task<Reply> TellAsync(Socket socket, Seat seat, Board board, BoardChange? change, Func<long, ValueTask> tell)
    {
        try
        {
            if (change is not null)
            {
                await change.TellAsync(() => tell(change.At));
            }

            return Reply.Ok;
        }
        catch (SqliteException exception)
        {
            if (boards.Reset(seat.Name, board))
            {
                SaveFailed(logger, seat.Name, exception);
                await Task.Delay(RetryDelay, time);
                await socket.Namespace.To(seat.Name).EmitAsync("reload");
            }

            return new Reply(NotSaved, Retry: true);
        }
    }

    private async Task LeaveAsync(Socket socket)
    {
        if (SeatOf(socket) is { } seat)
        {
            socket.Data.Remove(SeatKey);
            socket.Leave(seat.Name);
            boards.Leave(seat.Name, socket.Id);
            if (boards.Find(seat.Name) is { } board)
            {
                await TellPeopleAsync(socket, seat.Name, board);
            }
        }
    }

    private Board? Find(Socket socket, out Seat? seat)
    {
        seat = SeatOf(socket);
        return seat is null ? null : boards.Find(seat.Name);
    }

    private static ValueTask TellPeopleAsync(Socket socket, string name, Board board) =>
        socket.To(name).EmitAsync("people", board.People());

    private static Seat? SeatOf(Socket socket) => socket.Data.TryGetValue(SeatKey, out var seat) ? (Seat?)seat : null;

    [LoggerMessage(1, LogLevel.Error, "Cannot save board {Board}. Its people get the picture as it was saved; see that the disk has room.")]
    private static partial void SaveFailed(ILogger logger, string board, Exception exception);

    [LoggerMessage(2, LogLevel.Error, "Cannot read board {Board}.")]
    private static partial void LoadFailed(ILogger logger, string board, Exception exception);

    private sealed record Seat(string Name, Person Person);
}
