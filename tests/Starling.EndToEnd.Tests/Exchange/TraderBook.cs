namespace Starling.EndToEnd.Tests.Exchange;

/// <summary>What a trader must hold by what it was told; an order that was never answered may have been carried out or not. Thread-safe.</summary>
internal sealed class TraderBook
{
    private readonly Lock _gate = new();
    private readonly HashSet<long> _trades = [];
    private long _least;
    private long _most;
    private long _underWay;
    private int _answers;

    /// <summary>How many orders were answered.</summary>
    public int Answers => Volatile.Read(ref _answers);

    /// <summary>The numbers of the trades that were acknowledged.</summary>
    public IReadOnlyCollection<long> Trades
    {
        get
        {
            lock (_gate)
            {
                return [.. _trades];
            }
        }
    }

    public (long Least, long Most) Holding
    {
        get
        {
            lock (_gate)
            {
                return (_least + Math.Min(0, _underWay), _most + Math.Max(0, _underWay));
            }
        }
    }

    /// <summary>An order, such as <c>BUY ACME 3</c>, is about to go out. The one before it, if there is no answer to it, never gets one.</summary>
    public void Order(string order)
    {
        lock (_gate)
        {
            GiveUp();
            _underWay = order.Split(' ') is ["BUY", _, var bought] ? Number(bought) : -Number(order.Split(' ')[2]);
        }
    }

    /// <summary>The answer to the order has come.</summary>
    public void Answer(string answer)
    {
        lock (_gate)
        {
            if (answer.StartsWith("OK ", StringComparison.Ordinal))
            {
                Assert.True(_trades.Add(Number(answer.Split(' ')[1])), "A number was given to two trades: " + answer);
                _least += _underWay;
                _most += _underWay;
            }
            else
            {
                // Nobody owns so few that a sale cannot be refused.
                Assert.StartsWith("ERROR not-yours ", answer, StringComparison.Ordinal);
            }

            _underWay = 0;
            _answers++;
        }
    }

    /// <summary>The connection is lost: what was under way never gets an answer.</summary>
    public void Lost()
    {
        lock (_gate)
        {
            GiveUp();
        }
    }

    private static long Number(string text) => long.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private void GiveUp()
    {
        _least += Math.Min(0, _underWay);
        _most += Math.Max(0, _underWay);
        _underWay = 0;
    }
}
