using System.Net;
using System.Text;
using Starling.Apps.Ticker;
using Starling.Server.Tests;

namespace Starling.Apps.Tests.Ticker;

public sealed class QuoteTests
{
    private const string Good = """{"last":12.5,"previousClose":"10","bid":12.4,"ask":12.6,"high":13,"low":9.9,"volume":1000,"time":"2026-01-02T09:00:00Z"}""";

    private readonly ManualTime _time = new();

    [Fact]
    public async Task The_same_seed_and_clock_give_the_same_prices()
    {
        var (first, second, other) = (new SimulatedMarket(7, _time), new SimulatedMarket(7, _time), new SimulatedMarket(8, _time));
        _ = await first.GetAsync("STRL", TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromMinutes(5));

        // One was asked before and one was not: that makes no difference.
        var quote = await first.GetAsync("STRL", TestContext.Current.CancellationToken);
        Assert.Equal(quote, await second.GetAsync("STRL", TestContext.Current.CancellationToken));
        Assert.NotEqual(quote.Last, (await other.GetAsync("STRL", TestContext.Current.CancellationToken)).Last);
        Assert.InRange(quote.Last, quote.Low, quote.High);
        Assert.True(quote.Bid < quote.Last && quote.Last < quote.Ask && quote.Volume > 0);
        Assert.Equal(quote.Last - quote.PreviousClose, quote.Change);
    }

    [Fact]
    public async Task A_quote_over_HTTP_is_read_and_asked_for_by_its_escaped_code()
    {
        var asked = new List<string>();
        using var source = Source(request =>
        {
            asked.Add(request.RequestUri!.AbsoluteUri);
            return Answer(Good);
        });

        var quote = await source.GetAsync("A/B", TestContext.Current.CancellationToken);

        Assert.Equal((12.5m, 2.5m, 25m, 1000), (quote.Last, quote.Change, quote.ChangePercent, quote.Volume));
        Assert.Equal(["http://quotes.example/A%2FB"], asked);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("not json")]
    [InlineData("""{"last":12.5}""")]
    [InlineData("""{"last":"much","previousClose":1,"bid":1,"ask":1,"high":1,"low":1,"volume":1,"time":"2026-01-02T09:00:00Z"}""")]
    public async Task What_is_no_quote_is_a_failure_of_the_source(string answer)
    {
        using var source = Source(_ => Answer(answer), retries: 0);

        await Assert.ThrowsAsync<QuoteUnavailableException>(async () => await source.GetAsync("X", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_failed_attempt_is_made_again_and_a_source_that_keeps_failing_is_left_alone_for_a_while()
    {
        var (calls, failing) = (0, true);
        using var source = Source(_ =>
        {
            calls++;
            return failing ? new HttpResponseMessage(HttpStatusCode.InternalServerError) : Answer(Good);
        });

        await FailAsync(source);
        Assert.Equal(3, calls);
        await FailAsync(source);
        var before = calls;
        var failure = await FailAsync(source);
        Assert.Contains("left alone", failure.Message, StringComparison.Ordinal);
        Assert.Equal(before, calls);

        failing = false;
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(12.5m, (await source.GetAsync("X", TestContext.Current.CancellationToken)).Last);
    }

    [Fact]
    public async Task An_attempt_that_takes_too_long_is_given_up()
    {
        using var source = Source(_ => null, retries: 0);
        var asking = source.GetAsync("X", TestContext.Current.CancellationToken).AsTask();

        _time.Advance(TimeSpan.FromSeconds(4));

        await Assert.ThrowsAsync<QuoteUnavailableException>(() => asking.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task No_more_is_asked_per_second_than_the_source_allows()
    {
        using var source = Source(_ => Answer(Good), perSecond: 2);
        await source.GetAsync("X", TestContext.Current.CancellationToken);
        await source.GetAsync("X", TestContext.Current.CancellationToken);

        var failure = await Assert.ThrowsAsync<QuoteUnavailableException>(async () => await source.GetAsync("X", TestContext.Current.CancellationToken));

        Assert.Contains("allows", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_share_a_quote_and_are_slowed_down_while_the_source_fails()
    {
        var (calls, failing) = (0, false);
        using var source = Source(
            _ =>
            {
                calls++;
                return failing ? new HttpResponseMessage(HttpStatusCode.InternalServerError) : Answer(Good);
            },
            retries: 0);
        var board = new QuoteBoard(source, _time);
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => board.GetAsync("X", TestContext.Current.CancellationToken)));
        Assert.Equal(1, calls);
        Assert.All(answers, answer => Assert.Equal(1000, answer.CallIn));

        failing = true;
        var waits = new List<int?>();
        for (var i = 0; i < 4; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            var answer = await board.GetAsync("X", TestContext.Current.CancellationToken);
            Assert.Equal(12.5m, answer.Quote!.Last);
            Assert.NotNull(answer.Error);
            waits.Add(answer.CallIn);
        }

        Assert.Equal([2000, 4000, 8000, 16000], waits);
        failing = false;
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1000, (await board.GetAsync("X", TestContext.Current.CancellationToken)).CallIn);
    }

    private static async Task<QuoteUnavailableException> FailAsync(HttpQuoteSource source) =>
        await Assert.ThrowsAsync<QuoteUnavailableException>(async () => await source.GetAsync("X", TestContext.Current.CancellationToken));

    private static HttpResponseMessage Answer(string json) => new(HttpStatusCode.OK) { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    private HttpQuoteSource Source(Func<HttpRequestMessage, HttpResponseMessage?> answer, int retries = 2, int perSecond = 100) => new(
        new HttpQuoteOptions { Url = "http://quotes.example/{symbol}", Retries = retries, RetryDelay = TimeSpan.Zero, RequestsPerSecond = perSecond },
        new Handler(answer),
        _time);

    // Answers at once, or never where there is no answer.
    private sealed class Handler(Func<HttpRequestMessage, HttpResponseMessage?> answer) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (answer(request) is { } response)
            {
                return response;
            }

            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new OperationCanceledException();
        }
    }
}
