namespace Starling.Apps.Ticker;

/// <summary>
/// A market that exists only here: every symbol's price is a random walk, one step a second. The same seed and the same clock give the same
/// prices.
/// </summary>
/// <param name="seed">The seed.</param>
/// <param name="time">The clock.</param>
public sealed class SimulatedMarket(int seed, TimeProvider time) : IQuoteSource
{
    private const double Volatility = 0.0015;
    private const int MaxStepsAtOnce = 24 * 3600;

    private readonly Lock _gate = new();
    private readonly DateTimeOffset _opened = time.GetUtcNow();
    private readonly Dictionary<string, Walk> _walks = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public IReadOnlyList<Symbol> Symbols { get; } =
    [
        new("STRL", "Starling Aviation"), new("MURM", "Murmuration Networks"), new("FLCK", "Flock Logistics"), new("NEST", "Nest Homes"),
        new("PLUM", "Plumage Textiles"), new("SONG", "Songbird Media"), new("WING", "Wing & Beak Foods"), new("EGGS", "Speckled Egg Farms"),
    ];

    /// <inheritdoc/>
    public ValueTask<Quote> GetAsync(string symbol, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_walks.TryGetValue(symbol, out var walk))
            {
                // Not the hash code of the string, which differs from run to run.
                _walks[symbol] = walk = new Walk(new Random(symbol.Aggregate(seed, static (hash, c) => unchecked((hash * 31) + c))));
            }

            var now = time.GetUtcNow();
            var step = (long)(now - _opened).TotalSeconds;
            walk.AdvanceTo(step, MaxStepsAtOnce);
            return new(walk.ToQuote(symbol, _opened.AddSeconds(step)));
        }
    }

    private sealed class Walk
    {
        private readonly Random _random;
        private readonly decimal _previousClose;
        private double _price;
        private double _high;
        private double _low;
        private long _volume;
        private long _step;

        public Walk(Random random)
        {
            _random = random;
            _price = 20 + (random.NextDouble() * 180);
            _high = _low = _price;
            _previousClose = Round(_price);
        }

        public void AdvanceTo(long step, int limit)
        {
            for (_step = Math.Max(_step, step - limit); _step < step; _step++)
            {
                // The sum of several uniform numbers is close enough to a normal one.
                var normal = _random.NextDouble() + _random.NextDouble() + _random.NextDouble() + _random.NextDouble() - 2;
                _price = Math.Max(0.5, _price * (1 + (normal * Volatility)));
                _high = Math.Max(_high, _price);
                _low = Math.Min(_low, _price);
                _volume += _random.Next(1, 500);
            }
        }

        public Quote ToQuote(string symbol, DateTimeOffset at)
        {
            var last = Round(_price);
            var spread = Math.Max(0.01m, Round(_price * 0.0004));
            return new Quote(symbol, last, _previousClose, last - spread, last + spread, Round(_high), Round(_low), _volume, at);
        }

        private static decimal Round(double price) => Math.Round((decimal)price, 2);
    }
}
