using Microsoft.Data.Sqlite;
using Starling.Apps.Exchange;
using Starling.Apps.Exchange.Books;

namespace Starling.Apps.Tests.Exchange;

public sealed class LedgerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("starling-ledger-").FullName;

    private string Books => Path.Combine(_folder, "exchange.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // SQLite rolls back by itself when the disk is full, so that there is nothing left to roll back.
    [Theory]
    [InlineData("ROLLBACK")]
    [InlineData("ABORT")]
    public async Task A_disk_that_takes_nothing_is_named_and_the_books_go_on_when_it_does_again(string howItFails)
    {
        await new Ledger(Books, TimeProvider.System).DisposeAsync();
        Change($"CREATE TRIGGER disk BEFORE INSERT ON trade WHEN NEW.shares = 666 BEGIN SELECT RAISE({howItFails}, 'the disk is full'); END");
        await using var ledger = new Ledger(Books, TimeProvider.System);
        await ledger.ListAsync("ACME", 10_000, 1);
        for (var i = 1; i <= 3; i++)
        {
            var refusal = await Assert.ThrowsAsync<ExchangeException>(() => BuyAsync(ledger, 666));
            Assert.Equal("not-stored", refusal.Code);
            Assert.Contains("the disk is full", refusal.Message, StringComparison.Ordinal);
            Assert.Equal(i, (await BuyAsync(ledger, 1)).Id);
            Assert.Equal([("ACME", (long)i)], await ledger.HoldingsAsync("ada"));
        }
    }

    [Fact]
    public async Task Questions_see_what_was_asked_for_before_them_and_only_what_is_stored()
    {
        await new Ledger(Books, TimeProvider.System).DisposeAsync();
        Change("CREATE TRIGGER disk BEFORE INSERT ON trade WHEN NEW.shares = 666 BEGIN SELECT RAISE(ROLLBACK, 'the disk is full'); END");
        await using var ledger = new Ledger(Books, TimeProvider.System);
        await ledger.ListAsync("ACME", 1_000_000, 1);
        var (orders, asked) = (new List<Task<Trade>>(), new List<(int Orders, Task<IReadOnlyList<(string Symbol, long Shares)>> Holdings)>());
        for (var i = 1; i <= 2_000; i++)
        {
            orders.Add(BuyAsync(ledger, i % 700 == 0 ? 666 : 1));
            if (i % 100 == 0)
            {
                asked.Add((i, ledger.HoldingsAsync("ada")));
            }
        }

        await Task.WhenAll(orders.Select(order => Task.WhenAny(order)));
        foreach (var (count, holdings) in asked)
        {
            var stored = orders.Take(count).Count(order => order.IsCompletedSuccessfully);
            Assert.Equal(stored, (await holdings).SingleOrDefault().Shares);
        }

        var trades = await Task.WhenAll(orders.Where(order => order.IsCompletedSuccessfully));
        Assert.InRange(trades.Length, 1, 1_998);
        Assert.Equal(Enumerable.Range(1, trades.Length), trades.Select(trade => (int)trade.Id));
    }

    [Theory]
    [InlineData("DROP TABLE account; CREATE TABLE account (x)")]
    [InlineData("INSERT INTO security VALUES ('ACME', 1, 1, 'dear')")]
    [InlineData("INSERT INTO trade VALUES (1, 'ada', 'ACME', 1, 1, '99999999999999999999999999999999', 0)")]
    [InlineData(null)]
    public async Task Books_that_are_damaged_or_no_books_are_refused_with_the_reason_and_left_alone(string? damage)
    {
        await new Ledger(Books, TimeProvider.System).DisposeAsync();
        if (damage is null)
        {
            await File.WriteAllTextAsync(Books, new string('x', 10_000), TestContext.Current.CancellationToken);
        }
        else
        {
            Change(damage);
        }

        for (var i = 0; i < 2; i++)
        {
            var failure = Assert.Throws<IOException>(() => new Ledger(Books, TimeProvider.System));
            Assert.StartsWith($"{Books} does not hold the books of an exchange, or is damaged: ", failure.Message, StringComparison.Ordinal);
        }
    }

    private static async Task<Trade> BuyAsync(Ledger ledger, long shares) => (await ledger.TradeAsync(new Order("ada", "ACME", IsBuy: true, shares))).Trade;

    private void Change(string text)
    {
        using var connection = new SqliteConnection($"Data Source={Books};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // It is written in this file.
        command.CommandText = text;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
