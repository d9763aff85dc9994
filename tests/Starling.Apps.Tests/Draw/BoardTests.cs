using Starling.Apps.Draw;
using Starling.Server.Tests;

namespace Starling.Apps.Tests.Draw;

public sealed class BoardTests : IAsyncLifetime
{
    private static readonly Person Ada = new("ada", "Ada", "#112233");

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"starling-{Guid.NewGuid():N}.db");
    private readonly ManualTime _time = new();
    private DrawStore _store = null!;
    private BoardTable _boards = null!;

    public ValueTask InitializeAsync()
    {
        Open();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        foreach (var suffix in new[] { "", "-wal", "-shm" })
        {
            File.Delete(_path + suffix);
        }
    }

    [Fact]
    public async Task A_board_is_there_after_a_restart_in_the_order_of_its_strokes()
    {
        var board = await EnterAsync();
        await DrawAsync(board, "one", 0, 1, 2, 3, 4);
        await DrawAsync(board, "two", 0, 5, 6);
        await DrawAsync(board, "one", 4, 7, 8);
        await DrawAsync(board, "gone", 0, 9, 9);
        await KeepAsync(board.Undo("ada", "gone").Change);

        board = await RestartAsync();

        var (strokes, _, cleared) = board.Picture();
        Assert.Equal(["one", "two"], strokes.Select(stroke => stroke.Stroke));
        Assert.Equal([1, 2, 3, 4, 7, 8], strokes[0].Points);
        Assert.Equal(("ada", "#445566", 3), (strokes[0].Author, strokes[0].Color, strokes[0].Width));
        Assert.Null(cleared);
    }

    [Fact]
    public async Task Anyone_can_undo_a_clear_for_a_while_also_after_a_restart()
    {
        var board = await EnterAsync();
        await DrawAsync(board, "one", 0, 1, 2);
        var (clear, change) = board.Clear("c1", "Grace");
        await KeepAsync(change);
        await DrawAsync(board, "two", 0, 3, 4);
        Assert.Equal(("c1", "Grace"), (clear.Id, clear.By));

        board = await RestartAsync();
        Assert.Equal(["two"], board.Picture().Strokes.Select(stroke => stroke.Stroke));
        Assert.Equal("c1", board.Picture().Cleared?.Id);
        var (error, restored) = board.Restore("c1");
        Assert.Null(error);
        await KeepAsync(restored);

        Assert.Equal(["one", "two"], board.Picture().Strokes.Select(stroke => stroke.Stroke));
        board = await RestartAsync();
        Assert.Equal(["one", "two"], board.Picture().Strokes.Select(stroke => stroke.Stroke));
    }

    [Fact]
    public async Task A_clear_can_no_longer_be_undone_when_its_time_is_over()
    {
        var board = await EnterAsync();
        await DrawAsync(board, "one", 0, 1, 2);
        await KeepAsync(board.Clear("c1", "Grace").Change);

        _time.Advance(Board.ClearIsUndoable);

        Assert.Null(board.Picture().Cleared);
        Assert.NotNull(board.Restore("c1").Error);
    }

    [Fact]
    public async Task A_request_that_is_sent_twice_counts_once()
    {
        var board = await EnterAsync();
        await DrawAsync(board, "one", 0, 1, 2, 3, 4);
        Assert.Null(board.Draw("ada", Part("one", 0, 1, 2), out var again, out var change));
        Assert.Null(again);
        Assert.Null(change);

        await KeepAsync(board.Clear("c1", "Ada").Change);
        await DrawAsync(board, "two", 0, 5, 6);
        await KeepAsync(board.Clear("c1", "Ada").Change);
        Assert.Equal(["two"], board.Picture().Strokes.Select(stroke => stroke.Stroke));

        await KeepAsync(board.Undo("ada", "two").Change);
        Assert.Equal((null, null), board.Undo("ada", "two"));
    }

    [Fact]
    public async Task Strokes_of_others_cannot_be_continued_or_taken_back()
    {
        var board = await EnterAsync();
        await DrawAsync(board, "one", 0, 1, 2);

        Assert.NotNull(board.Draw("grace", Part("one", 2, 3, 4), out _, out _));
        Assert.NotNull(board.Undo("grace", "one").Error);
        Assert.Equal([1, 2], board.Picture().Strokes.Single().Points);
    }

    [Fact]
    public async Task The_limit_of_coordinates_holds_for_every_part()
    {
        var board = await EnterAsync();
        var part = new int[2_000];
        var refused = 0;

        // Strokes that were begun before the board was full must not grow past it either.
        for (var n = 0; n < 600; n++)
        {
            refused += board.Draw("ada", Part($"s{n}", 0, part[..2]), out _, out _) is null ? 0 : 1;
        }

        for (var n = 0; n < 600; n++)
        {
            refused += board.Draw("ada", Part($"s{n}", 2, part), out _, out _) is null ? 0 : 1;
        }

        Assert.NotEqual(0, refused);
        Assert.InRange(board.Picture().Strokes.Sum(stroke => stroke.Points.Length), 0, Board.MaxCoordinates);
    }

    [Fact]
    public async Task Changes_are_told_in_their_order_whichever_is_awaited_first()
    {
        var board = await EnterAsync();
        Assert.Null(board.Draw("ada", Part("one", 0, 1, 2), out _, out var first));
        var second = board.Clear("c1", "Ada").Change!;
        var told = new List<long>();

        var later = second.TellAsync(() => Tell(second));
        await first!.TellAsync(() => Tell(first));
        await later;

        Assert.Equal([1, 2], told);

        ValueTask Tell(BoardChange change)
        {
            told.Add(change.At);
            return default;
        }
    }

    private static PointsRequest Part(string stroke, int from, params int[] points) => new(stroke, "#445566", 3, from, points);

    private static async Task DrawAsync(Board board, string stroke, int from, params int[] points)
    {
        Assert.Null(board.Draw("ada", Part(stroke, from, points), out _, out var change));
        await KeepAsync(change);
    }

    private static Task KeepAsync(BoardChange? change) => change?.TellAsync(() => default) ?? Task.CompletedTask;

    private async Task<Board> EnterAsync() => Assert.IsType<Board>(await _boards.EnterAsync("main", "socket", Ada));

    private async Task<Board> RestartAsync()
    {
        await _store.DisposeAsync();
        Open();
        return await EnterAsync();
    }

    private void Open()
    {
        _store = new DrawStore(_path, _time);
        _boards = new BoardTable(_store, _time);
    }
}
