using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Starling.Apps.Questions;

namespace Starling.Apps.Tests.Questions;

public sealed class BoardTests : IAsyncLifetime
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"starling-{Guid.NewGuid():N}.db");
    private Board _board = null!;

    public ValueTask InitializeAsync()
    {
        _board = new Board(_path, TimeProvider.System, NullLogger<Board>.Instance);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _board.DisposeAsync();
        foreach (var suffix in new[] { "", "-wal", "-shm" })
        {
            File.Delete(_path + suffix);
        }
    }

    [Theory]
    [InlineData("What is a starling?", "what IS a  starling", true)]
    [InlineData("What is a starling?", "What is a starling?!", true)]
    [InlineData("Où est-il ?", "OÙ EST IL", true)]
    [InlineData("What is a starling?", "What is a sparrow?", false)]
    [InlineData("C", "C++", false)]
    [InlineData("1 + 1", "11", false)]
    public async Task What_is_the_same_to_people_is_a_duplicate(string first, string second, bool isDuplicate)
    {
        var (asked, _) = await _board.AskAsync(new Contribution(first, null), "ada");

        var (again, refusal) = await _board.AskAsync(new Contribution(second, null), "grace");

        Assert.Equal(isDuplicate, again is null);
        Assert.Equal(isDuplicate ? asked!.Id : null, refusal?.Existing);
    }

    [Theory]
    [InlineData(null, "empty")]
    [InlineData("  \n ", "empty")]
    [InlineData("?!", "empty")]
    public async Task Questions_without_a_word_are_refused(string? text, string code)
    {
        var (_, refusal) = await _board.AskAsync(new Contribution(text, null), "ada");

        Assert.Equal(code, refusal!.Code);
    }

    [Fact]
    public async Task Texts_that_are_too_long_are_refused_by_what_people_see()
    {
        var families = string.Concat(Enumerable.Repeat("👨‍👩‍👧‍👦", 100));

        Assert.Equal("too-long", (await _board.AskAsync(new Contribution(new string('x', 301), null), "ada")).Refusal!.Code);
        Assert.Null((await _board.AskAsync(new Contribution("Who are they? " + families, null), "ada")).Refusal);
    }

    [Theory]
    [InlineData("question", "AFTER")]
    [InlineData("follower", "BEFORE")]
    [InlineData("answer", "BEFORE")]
    public async Task One_write_that_fails_does_not_end_those_that_follow(string table, string time)
    {
        var (question, _) = await _board.AskAsync(new Contribution("Before?", null), "ada");

        // As on a full disk, SQLite rolls the transaction back by itself.
        Change($"CREATE TRIGGER fault {time} INSERT ON {table} BEGIN SELECT RAISE(ROLLBACK, 'database or disk is full'); END");
        for (var i = 0; i < 3; i++)
        {
            var refusal = table == "answer"
                ? (await _board.AnswerAsync(question!.Id, new Contribution("Lost.", null), "grace")).Refusal
                : (await _board.AskAsync(new Contribution("Lost?", null), "grace")).Refusal;
            Assert.Equal("not-written", refusal!.Code);
        }

        Change("DROP TRIGGER fault");
        var (later, _) = await _board.AskAsync(new Contribution("Lost?", null), "grace");
        var (answer, _) = await _board.AnswerAsync(question!.Id, new Contribution("There.", null), "grace");

        Assert.NotNull(later);
        Assert.NotNull(answer);
        Assert.Equal(["Lost?", "Before?"], _board.View("ada").Questions.Select(found => found.Text));
    }

    [Fact]
    public async Task Followers_of_an_older_file_are_known_by_their_ids_and_no_longer_by_their_cookies()
    {
        const string Cookie = "AAAAAAAAAAAAAAAAAAAAAAAA";
        var (question, _) = await _board.AskAsync(new Contribution("Old?", null), Cookie);
        await _board.DisposeAsync();
        Change("PRAGMA user_version = 0");

        _board = new Board(_path, TimeProvider.System, NullLogger<Board>.Instance);

        Assert.False(_board.IsFollowed(question!.Id, Cookie));
        Assert.True(_board.IsFollowed(question.Id, Visitors.IdOf(Cookie)));
        await _board.DisposeAsync();
        Assert.DoesNotContain(Cookie, System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(_path)), StringComparison.Ordinal);
        _board = new Board(_path, TimeProvider.System, NullLogger<Board>.Instance);
        Assert.True(_board.IsFollowed(question.Id, Visitors.IdOf(Cookie)));
    }

    [Fact]
    public async Task Only_followers_see_answers_and_whoever_asks_or_answers_follows()
    {
        var (question, _) = await _board.AskAsync(new Contribution("Why?", " Ada "), "ada");
        Assert.Equal("Ada", question!.Author);
        await _board.AnswerAsync(question.Id, new Contribution("Because.", ""), "grace");

        var asker = _board.Find(question.Id, "ada")!;
        var stranger = _board.Find(question.Id, "joan")!;
        var (follower, _) = await _board.FollowAsync(question.Id, "joan", isFollowed: true);
        var (former, _) = await _board.FollowAsync(question.Id, "joan", isFollowed: false);

        Assert.Equal(("Because.", QuestionRules.Anonymous), (asker.Answers!.Single().Text, asker.Answers!.Single().Author));
        Assert.True(_board.Find(question.Id, "grace")!.IsFollowed);
        Assert.Null(stranger.Answers);
        Assert.Equal(1, stranger.AnswerCount);
        Assert.Single(follower!.Answers!);
        Assert.Null(former!.Answers);
    }

    [Fact]
    public async Task A_question_that_does_not_exist_cannot_be_answered_or_followed()
    {
        Assert.Equal("unknown", (await _board.AnswerAsync(99, new Contribution("x", null), "ada")).Refusal!.Code);
        Assert.Equal("unknown", (await _board.FollowAsync(99, "ada", isFollowed: true)).Refusal!.Code);
        Assert.Null(_board.Find(99, "ada"));
    }

    [Fact]
    public async Task Everything_is_there_after_a_restart()
    {
        var (question, _) = await _board.AskAsync(new Contribution("Is it kept?", "Ada"), "ada");
        await _board.AnswerAsync(question!.Id, new Contribution("It is.\nAll of it.", "Grace"), "grace");
        await _board.FollowAsync(question.Id, "ada", isFollowed: false);
        await _board.DisposeAsync();
        _board = new Board(_path, TimeProvider.System, NullLogger<Board>.Instance);

        var view = _board.View("grace").Questions.Single();

        Assert.Equal(("Is it kept?", "Ada", "It is.\nAll of it."), (view.Text, view.Author, view.Answers!.Single().Text));
        Assert.False(_board.View("ada").Questions.Single().IsFollowed);
        Assert.Equal("duplicate", (await _board.AskAsync(new Contribution("is it kept", null), "joan")).Refusal!.Code);
    }

    [Fact]
    public async Task Of_many_who_ask_the_same_at_once_one_gets_it()
    {
        var asked = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => _board.AskAsync(new Contribution("Who is first?", null), $"{i}")));

        Assert.Single(asked, result => result.Question is not null);
        Assert.Equal(49, asked.Count(result => result.Refusal?.Code == "duplicate"));
    }

    private void Change(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_path};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The texts are constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
