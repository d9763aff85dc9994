using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Starling.Apps.Exchange.Books;

/// <summary>
/// The exchange's books. One thread of its own does everything in the order in which it came: what waits shares one commit, and nothing is
/// acknowledged before it is on the disk. Questions wait in the same queue, so that they see what was asked for before them, and only what is
/// stored. Thread-safe.
/// </summary>
public sealed class Ledger : IAsyncDisposable
{
    private const int MaxGroup = 500;
    private const int TokenBytes = 24;

    private readonly LedgerFile _file;
    private readonly TimeProvider _time;
    private readonly Channel<LedgerRequest> _requests =
        Channel.CreateBounded<LedgerRequest>(new BoundedChannelOptions(10_000) { SingleReader = true });

    private readonly Task _working;

    // Null after a failure, until it is read from the file again.
    private BookState? _state;

    /// <summary>Opens the books.</summary>
    /// <param name="path">The file; made if it does not exist.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="IOException">The file is in use, damaged, another program's, or cannot be written.</exception>
    public Ledger(string path, TimeProvider time)
    {
        _file = new LedgerFile(path);
        _time = time;
        try
        {
            _state = BookState.Read(_file);
        }
        catch (Exception exception) when (exception is SqliteException or FormatException or InvalidCastException or InvalidOperationException or OverflowException)
        {
            _file.Dispose();
            throw new IOException(
                $"{path} does not hold the books of an exchange, or is damaged: {exception.Message} Put a copy of the books back, or use another folder.", exception);
        }

        _working = Task.Factory.StartNew(Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>What is listed, by symbol.</summary>
    public Task<IReadOnlyList<Security>> SecuritiesAsync() => AskAsync<IReadOnlyList<Security>>(state => [.. state.Securities.Values]);

    /// <summary>What is listed, by symbol, and the number of the last trade that it contains.</summary>
    public Task<(long LastTrade, IReadOnlyList<Security> Securities)> ListingsAsync() =>
        AskAsync<(long, IReadOnlyList<Security>)>(state => (state.LastTrade, [.. state.Securities.Values]));

    /// <summary>What an account's sales brought less what its purchases cost; below zero when it has spent more.</summary>
    public Task<decimal> CashAsync(string account) => AskAsync(state => state.Cash(account));

    /// <summary>The names of the accounts.</summary>
    public Task<IReadOnlyList<string>> AccountsAsync() => AskAsync<IReadOnlyList<string>>(state => [.. state.Accounts.Keys]);

    /// <summary>What an account holds, by symbol.</summary>
    public Task<IReadOnlyList<(string Symbol, long Shares)>> HoldingsAsync(string account) => AskAsync(state => state.HoldingsOf(account));

    /// <summary>Whether a token is an account's.</summary>
    public Task<bool> IsAccountAsync(string name, string token)
    {
        var hash = Hash(token);
        return AskAsync(state => state.Accounts.TryGetValue(name, out var expected) && CryptographicOperations.FixedTimeEquals(expected, hash));
    }

    /// <summary>Opens an account.</summary>
    /// <returns>Its token, which is kept nowhere.</returns>
    /// <exception cref="ExchangeException">The name cannot be used, or is taken.</exception>
    public async Task<string> AddAccountAsync(string name)
    {
        OrderRules.AccountName(name);
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        await ChangeAsync(state =>
        {
            if (!state.Accounts.TryAdd(name, Hash(token)))
            {
                throw new ExchangeException("taken", $"There is an account named {name} already.");
            }

            _file.WriteAccount(name, Hash(token));
            return true;
        });
        return token;
    }

    /// <summary>Puts new shares into the book.</summary>
    /// <param name="symbol">Of what.</param>
    /// <param name="shares">How many.</param>
    /// <param name="price">At what price from now on; null for the one that there is.</param>
    /// <exception cref="ExchangeException">They cannot be listed so.</exception>
    public Task<Security> ListAsync(string symbol, long shares, decimal? price) => ChangeAsync(state =>
    {
        var security = state.List(symbol, shares, price);
        _file.Write(security);
        return security;
    });

    /// <summary>Buys from the book or sells to it. An order whose id is known is not carried out again: what came of it is told once more.</summary>
    /// <exception cref="ExchangeException">
    /// There is no such security, or there are not so many shares on the side that gives; or the id is another order's.
    /// </exception>
    public Task<Execution> TradeAsync(Order order) => ChangeAsync(state =>
        order.Id is null ? new Execution(CarryOut(order, state), IsRepeat: false)
        : _file.Outcome(order.Account, order.Id) is { } outcome ? outcome.Repeat(order)
        : CarryOutOnce(order, state));

    /// <summary>Finishes what was begun and closes the books.</summary>
    public async ValueTask DisposeAsync()
    {
        _requests.Writer.TryComplete();
        await _working;
        _file.Dispose();
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static void Make(List<LedgerRequest> group, BookState state) => group.ForEach(request => request.Make(state));

    private Task<T> AskAsync<T>(Func<BookState, T> make) => QueueAsync(new LedgerRequest<T>(isChange: false, make));

    private Task<T> ChangeAsync<T>(Func<BookState, T> make) => QueueAsync(new LedgerRequest<T>(isChange: true, make));

    private async Task<T> QueueAsync<T>(LedgerRequest<T> request)
    {
        try
        {
            await _requests.Writer.WriteAsync(request);
        }
        catch (ChannelClosedException)
        {
            throw new ExchangeException("not-stored", "The exchange is closing; nothing was done.");
        }

        return await request.Done;
    }

    private Trade CarryOut(Order order, BookState state)
    {
        var trade = state.Move(order);
        _file.Write(trade, _time.GetUtcNow());
        _file.Write(state.Securities[order.Symbol]);
        return trade;
    }

    /// <summary>A refusal is remembered, too: a copy of the order that arrives late must not succeed after its sender was told that it failed.</summary>
    private Execution CarryOutOnce(Order order, BookState state)
    {
        try
        {
            var trade = CarryOut(order, state);
            _file.Write(new Outcome(order, trade, null));
            return new Execution(trade, IsRepeat: false);
        }
        catch (ExchangeException refusal)
        {
            _file.Write(new Outcome(order, null, refusal));
            throw;
        }
    }

    private void Work()
    {
        var group = new List<LedgerRequest>();

        // Blocks this thread, which exists for nothing else.
        foreach (var first in _requests.Reader.ReadAllAsync().ToBlockingEnumerable())
        {
            group.Add(first);
            while (group.Count < MaxGroup && _requests.Reader.TryRead(out var next))
            {
                group.Add(next);
            }

            if (Carry(group) is { } failure)
            {
                Refuse(group, failure);
            }

            group.ForEach(request => request.Complete());
            group.Clear();
        }
    }

    /// <summary>Does all of a group or nothing.</summary>
    /// <returns>Why nothing was done, or null. Whatever the reason, this thread goes on: the disk may have room again for the next group.</returns>
    private Exception? Carry(List<LedgerRequest> group)
    {
        try
        {
            // A transaction that is still open was of a group that failed: nothing of it is on the disk.
            if (_state is not { } state || _file.IsInTransaction)
            {
                _file.RollBack();
                state = BookState.Read(_file);
                _state = state;
            }

            if (group.Exists(request => request.IsChange))
            {
                _file.Begin();
                Make(group, state);
                _file.Commit();
            }
            else
            {
                Make(group, state);
            }

            return null;
        }
        catch (Exception exception)
        {
            // The disk has not taken it, so memory must not have it either.
            _state = null;
            return exception;
        }
    }

    /// <summary>Refuses the changes of a group that failed. Questions are answered by the books as they were stored before.</summary>
    private void Refuse(List<LedgerRequest> group, Exception failure)
    {
        var questions = group.FindAll(request => !request.IsChange);
        var unread = Carry(questions);
        foreach (var request in group)
        {
            if (request.IsChange)
            {
                request.Fail(new ExchangeException("not-stored", $"The books could not be written: {failure.Message}"));
            }
            else if (unread is not null)
            {
                request.Fail(new ExchangeException("not-read", $"The books could not be read: {unread.Message}"));
            }
        }
    }
}
