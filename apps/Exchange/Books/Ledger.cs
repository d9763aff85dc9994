using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Starling.Apps.Exchange.Books;

/// <summary>
/// The exchange's books. One thread of its own makes all changes in order: those that wait share one commit, and none is acknowledged
/// before it is on the disk. Thread-safe.
/// </summary>
public sealed class Ledger : IAsyncDisposable
{
    private const int MaxGroup = 500;
    private const int TokenBytes = 24;

    private readonly LedgerFile _file;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Channel<Change> _changes = Channel.CreateBounded<Change>(new BoundedChannelOptions(10_000) { SingleReader = true });
    private readonly Task _writing;
    private BookState _state;

    /// <summary>Opens the books.</summary>
    /// <param name="path">The file; made if it does not exist.</param>
    /// <param name="time">The clock.</param>
    public Ledger(string path, TimeProvider time)
    {
        _file = new LedgerFile(path);
        _time = time;
        _state = BookState.Read(_file);
        _writing = Task.Factory.StartNew(Write, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>What is listed, by symbol.</summary>
    public IReadOnlyList<Security> Securities()
    {
        lock (_gate)
        {
            return [.. _state.Securities.Values];
        }
    }

    /// <summary>What is listed, by symbol, and the number of the last trade that it contains.</summary>
    public (long LastTrade, IReadOnlyList<Security> Securities) Listings()
    {
        lock (_gate)
        {
            return (_state.LastTrade, [.. _state.Securities.Values]);
        }
    }

    /// <summary>What an account's sales brought less what its purchases cost; below zero when it has spent more.</summary>
    public decimal Cash(string account)
    {
        lock (_gate)
        {
            return _state.Cash(account);
        }
    }

    /// <summary>The names of the accounts.</summary>
    public IReadOnlyList<string> Accounts()
    {
        lock (_gate)
        {
            return [.. _state.Accounts.Keys];
        }
    }

    /// <summary>What an account holds, by symbol.</summary>
    public IReadOnlyList<(string Symbol, long Shares)> Holdings(string account)
    {
        lock (_gate)
        {
            return _state.HoldingsOf(account);
        }
    }

    /// <summary>Whether a token is an account's.</summary>
    public bool IsAccount(string name, string token)
    {
        lock (_gate)
        {
            return _state.Accounts.TryGetValue(name, out var expected) && CryptographicOperations.FixedTimeEquals(expected, Hash(token));
        }
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

    /// <summary>Buys from the book or sells to it.</summary>
    /// <exception cref="ExchangeException">There is no such security, or there are not so many shares on the side that gives.</exception>
    public Task<Trade> TradeAsync(string account, string symbol, long shares, bool isBuy) => ChangeAsync(state =>
    {
        var trade = state.Move(account, symbol, shares, isBuy);
        _file.Write(trade, _time.GetUtcNow());
        _file.Write(state.Securities[symbol]);
        return trade;
    });

    /// <summary>Finishes what was begun and closes the books.</summary>
    public async ValueTask DisposeAsync()
    {
        _changes.Writer.TryComplete();
        await _writing;
        _file.Dispose();
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private async Task<T> ChangeAsync<T>(Func<BookState, T> make)
    {
        var change = new Change<T>(make);
        await _changes.Writer.WriteAsync(change);
        return await change.Done;
    }

    private void Write()
    {
        var group = new List<Change>();

        // Blocks this thread, which exists for nothing else.
        foreach (var first in _changes.Reader.ReadAllAsync().ToBlockingEnumerable())
        {
            group.Add(first);
            while (group.Count < MaxGroup && _changes.Reader.TryRead(out var next))
            {
                group.Add(next);
            }

            Commit(group);
            group.Clear();
        }
    }

    private void Commit(List<Change> group)
    {
        try
        {
            using var transaction = _file.Begin();
            lock (_gate)
            {
                group.ForEach(change => change.Make(_state));
            }

            transaction.Commit();
        }
        catch (SqliteException exception)
        {
            // The disk has not taken it, so memory must not have it either.
            group.ForEach(change => change.Fail(new ExchangeException("not-stored", $"The books could not be written: {exception.Message}")));
            lock (_gate)
            {
                _state = BookState.Read(_file);
            }
        }

        group.ForEach(change => change.Complete());
    }

    private abstract class Change
    {
        public abstract void Make(BookState state);

        public abstract void Fail(Exception exception);

        public abstract void Complete();
    }

    private sealed class Change<T>(Func<BookState, T> make) : Change
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;
        private Exception? _refusal;

        public Task<T> Done => _done.Task;

        public override void Make(BookState state)
        {
            try
            {
                _result = make(state);
            }
            catch (ExchangeException refusal)
            {
                _refusal = refusal;
            }
        }

        public override void Fail(Exception exception) => _refusal = exception;

        // Told only now, when the disk has it.
        public override void Complete()
        {
            if (_refusal is not null)
            {
                _done.SetException(_refusal);
            }
            else
            {
                _done.SetResult(_result!);
            }
        }
    }
}
