using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Threading.RateLimiting;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Starling.Apps.Ticker;

/// <summary>Quotes from a server elsewhere: every attempt has a time-out, failed ones are repeated, a source that keeps failing is left alone.</summary>
public sealed class HttpQuoteSource : IQuoteSource, IDisposable
{
    private const int MinimumThroughput = 4;

    private readonly HttpQuoteOptions _options;
    private readonly HttpClient _http;
    private readonly ResiliencePipeline _pipeline;
    private readonly TokenBucketRateLimiter _limiter;

    /// <summary>Creates the source.</summary>
    /// <param name="options">Where quotes are, and how patiently to ask.</param>
    /// <param name="handler">Sends the requests; disposed with this.</param>
    /// <param name="time">The clock of time-outs, waits and breaks.</param>
    public HttpQuoteSource(HttpQuoteOptions options, HttpMessageHandler handler, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = 64 * 1024 };
        Symbols = [.. options.Symbols.Select(code => new Symbol(code, code))];
        _limiter = new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
        {
            TokenLimit = options.RequestsPerSecond,
            TokensPerPeriod = options.RequestsPerSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
        });
        var failures = new PredicateBuilder().Handle<HttpRequestException>().Handle<TimeoutRejectedException>().Handle<JsonException>();
        var pipeline = new ResiliencePipelineBuilder { TimeProvider = time };
        if (options.Retries > 0)
        {
            pipeline.AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = failures,
                MaxRetryAttempts = options.Retries,
                Delay = options.RetryDelay,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
            });
        }

        _pipeline = pipeline
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                ShouldHandle = failures,
                FailureRatio = 0.5,
                MinimumThroughput = MinimumThroughput,
                SamplingDuration = TimeSpan.FromSeconds(30),
                BreakDuration = options.BreakDuration,
            })
            .AddTimeout(options.Timeout)
            .Build();
    }

    /// <inheritdoc/>
    public IReadOnlyList<Symbol> Symbols { get; }

    /// <inheritdoc/>
    public async ValueTask<Quote> GetAsync(string symbol, CancellationToken cancellationToken)
    {
        using var lease = _limiter.AttemptAcquire();
        if (!lease.IsAcquired)
        {
            throw new QuoteUnavailableException("More quotes are asked for than the source allows.");
        }

        try
        {
            return await _pipeline.ExecuteAsync(
                static (state, token) => state.Source.FetchAsync(state.Symbol, token), (Source: this, Symbol: symbol), cancellationToken);
        }
        catch (BrokenCircuitException exception)
        {
            throw new QuoteUnavailableException("The source of quotes kept failing and is left alone for a while.", exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutRejectedException or JsonException)
        {
            throw new QuoteUnavailableException("The source of quotes does not answer as it should.", exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _limiter.Dispose();
    }

    private async ValueTask<Quote> FetchAsync(string symbol, CancellationToken cancellationToken)
    {
        var url = _options.Url!.Replace("{symbol}", Uri.EscapeDataString(symbol), StringComparison.Ordinal);
        using var response = await _http.GetAsync(url, cancellationToken);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync(TickerJson.Default.JsonElement, cancellationToken);
        if (answer.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException("A quote is a JSON object.");
        }

        return new Quote(
            symbol, Number(answer, "last"), Number(answer, "previousClose"), Number(answer, "bid"), Number(answer, "ask"), Number(answer, "high"),
            Number(answer, "low"), (long)Number(answer, "volume"),
            answer.TryGetProperty("time", out var time) && time.TryGetDateTimeOffset(out var at) ? at : throw new JsonException("'time' is missing."));
    }

    private static decimal Number(JsonElement quote, string name) =>
        quote.TryGetProperty(name, out var value) && (value.ValueKind == JsonValueKind.Number
            ? value.TryGetDecimal(out var number)
            : decimal.TryParse(value.ToString(), NumberStyles.Number, CultureInfo.InvariantCulture, out number))
            ? number
            : throw new JsonException($"'{name}' is missing or no number.");
}
