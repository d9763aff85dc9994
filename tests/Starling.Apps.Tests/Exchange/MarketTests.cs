using Starling.Apps.Exchange.Client.Model;

namespace Starling.Apps.Tests.Exchange;

public sealed class MarketTests
{
    private readonly Market _market = new(TimeProvider.System);

    [Fact]
    public void News_that_the_books_contain_already_are_not_counted_twice()
    {
        _market.Take("7 ACME=100@2", "ACME=5", "-10");
        Assert.True(_market.Take("TRADED 7 ACME BUY 20 2"));
        Assert.Equal(100, Acme.Available);
        Assert.True(_market.Take("TRADED 8 ACME BUY 20 2"));
        Assert.Equal(80, Acme.Available);
        Assert.True(_market.Take("TRADED 9 ACME SELL 5 2"));
        Assert.Equal(85, Acme.Available);

        // Books that were read between the two trades.
        _market.Take("8 ACME=80@2", "ACME=5", "-10");
        Assert.Equal(85, Acme.Available);
        _market.Take("9 ACME=85@2", "", "0");
        Assert.Equal(85, Acme.Available);
        Assert.Equal([9, 8, 7], _market.View().Trades.Select(trade => trade.Id));
    }

    [Fact]
    public void The_change_of_a_price_counts_from_when_it_was_first_seen()
    {
        _market.Take("0 ACME=100@2", "ACME=5", "0");
        Assert.True(_market.Take("LISTED ACME 200 2.50"));
        Assert.Equal((200, 2.50m, 25m, 5), (Acme.Available, Acme.Price, Acme.Change, Acme.Held));
    }

    [Theory]
    [InlineData("")]
    [InlineData("TRADED x ACME BUY 1 2")]
    [InlineData("TRADED 1 ACME TOOK 1 2")]
    [InlineData("TRADED 1 \u001b[2J BUY 1 2")]
    [InlineData("LISTED ACME -5 2")]
    [InlineData("LISTED ACME 5 2 2")]
    public void What_is_no_news_of_an_exchange_changes_nothing(string line)
    {
        _market.Take("0 ACME=100@2", "", "0");
        Assert.False(_market.Take(line));
        Assert.Equal(100, Acme.Available);
        Assert.Empty(_market.View().Trades);
    }

    private Listing Acme => _market.View().Listings.Single();
}
