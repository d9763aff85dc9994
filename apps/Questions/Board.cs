using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Starling.Apps.Questions;

/// <summary>The questions, their answers and followers: in memory to read, on disk before anything is acknowledged.</summary>
/// <remarks>
/// One thread of its own makes all changes, in order: check, write, change memory. So a duplicate cannot slip in between, and no thread of
/// the pool waits for the disk. Readers take the lock for copies.
/// </remarks>
internal sealed class Board : IAsyncDisposable
{
    private readonly QuestionStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, Entry> _questions = [];
    private readonly Dictionary<string, long> _keys = new(StringComparer.Ordinal);
    private readonly Channel<Action> _changes = Channel.CreateBounded<Action>(new BoundedChannelOptions(1_000) { SingleReader = true });
    private readonly Task _writing;

    public Board(string path, TimeProvider time, ILogger<Board> logger)
    {
        _store = new QuestionStore(path);
        _time = time;
        _logger = logger;
        foreach (var (id, key, text, author, at) in _store.Questions())
        {
            _questions[id] = new Entry(id, text, author, at);
            _keys[key] = id;
        }

        foreach (var answer in _store.Answers())
        {
            _questions[answer.Question].Answers.Add(answer);
        }

        foreach (var (question, visitor) in _store.Followers())
        {
            _questions[question].Followers.Add(visitor);
        }

        _writing = Task.Factory.StartNew(Write, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>The board as one visitor sees it, newest question first.</summary>
    public BoardView View(string visitor)
    {
        lock (_gate)
        {
            return new BoardView([.. _questions.Values.Reverse().Select(entry => entry.View(visitor))]);
        }
    }

    /// <summary>One question as a visitor sees it, or null.</summary>
    public QuestionView? Find(long id, string visitor)
    {
        lock (_gate)
        {
            return _questions.TryGetValue(id, out var entry) ? entry.View(visitor) : null;
        }
    }

    /// <summary>Whether a visitor follows a question.</summary>
    public bool IsFollowed(long id, string visitor)
    {
        lock (_gate)
        {
            return _questions.TryGetValue(id, out var entry) && entry.Followers.Contains(visitor);
        }
    }

    /// <summary>Asks. Whoever asks follows.</summary>
    public Task<(QuestionView? Question, Refusal? Refusal)> AskAsync(Contribution asked, string visitor) => ChangeAsync<QuestionView>(() =>
    {
        if (QuestionRules.Check(asked.Text, QuestionRules.MaxQuestionLength) is { } refusal)
        {
            return (null, refusal);
        }

        var key = QuestionRules.Key(asked.Text!);
        if (_keys.TryGetValue(key, out var existing))
        {
            return (null, new Refusal("This has been asked already. Follow that question to get its answers.", "duplicate", existing));
        }

        if (_questions.Count >= QuestionRules.MaxQuestions)
        {
            return (null, new Refusal("The board is full.", "full"));
        }

        var (text, author, now) = (QuestionRules.Clean(asked.Text!), QuestionRules.Author(asked.Author), _time.GetUtcNow());
        var id = _store.AddQuestion(key, text, author, now, visitor);
        lock (_gate)
        {
            _keys[key] = id;
            var entry = new Entry(id, text, author, now);
            entry.Followers.Add(visitor);
            _questions[id] = entry;
            return (entry.View(visitor), null);
        }
    });

    /// <summary>Answers. Whoever answers follows.</summary>
    public Task<(Answer? Answer, Refusal? Refusal)> AnswerAsync(long question, Contribution given, string visitor) => ChangeAsync<Answer>(() =>
    {
        if (!_questions.TryGetValue(question, out var entry))
        {
            return (null, Unknown);
        }

        if (QuestionRules.Check(given.Text, QuestionRules.MaxAnswerLength) is { } refusal)
        {
            return (null, refusal);
        }

        var (text, author, now) = (QuestionRules.Clean(given.Text!), QuestionRules.Author(given.Author), _time.GetUtcNow());
        var answer = new Answer(_store.AddAnswer(question, text, author, now, visitor), question, text, author, now);
        lock (_gate)
        {
            entry.Answers.Add(answer);
            entry.Followers.Add(visitor);
        }

        return (answer, null);
    });

    /// <summary>Follows a question, or no longer.</summary>
    public Task<(QuestionView? Question, Refusal? Refusal)> FollowAsync(long question, string visitor, bool isFollowed) => ChangeAsync<QuestionView>(() =>
    {
        if (!_questions.TryGetValue(question, out var entry))
        {
            return (null, Unknown);
        }

        _store.SetFollowed(question, visitor, isFollowed);
        lock (_gate)
        {
            _ = isFollowed ? entry.Followers.Add(visitor) : entry.Followers.Remove(visitor);
            return (entry.View(visitor), null);
        }
    });

    public async ValueTask DisposeAsync()
    {
        _changes.Writer.TryComplete();
        await _writing;
        _store.Dispose();
    }

    private static Refusal NotWritten => new("The board cannot be written just now. Try again in a while.", "not-written");

    private static Refusal Unknown => new("There is no such question.", "unknown");

    private async Task<(T? Result, Refusal? Refusal)> ChangeAsync<T>(Func<(T?, Refusal?)> change)
    {
        var done = new TaskCompletionSource<(T?, Refusal?)>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _changes.Writer.WriteAsync(() =>
        {
            try
            {
                done.SetResult(change());
            }
            catch (Exception exception)
            {
                // One change that cannot be written, because the disk is full for example, must not end those that follow.
                QuestionsLog.NotWritten(_logger, exception);
                done.SetResult((default, NotWritten));
            }
        });
        return await done.Task;
    }

    private void Write()
    {
        // Blocks this thread, which exists for nothing else.
        foreach (var change in _changes.Reader.ReadAllAsync().ToBlockingEnumerable())
        {
            change();
        }
    }

    private sealed record Entry(long Id, string Text, string Author, DateTimeOffset AskedAt)
    {
        public List<Answer> Answers { get; } = [];

        public HashSet<string> Followers { get; } = new(StringComparer.Ordinal);

        public QuestionView View(string visitor)
        {
            var isFollowed = Followers.Contains(visitor);
            return new QuestionView(Id, Text, Author, AskedAt, isFollowed ? [.. Answers] : null, Answers.Count, isFollowed);
        }
    }
}
