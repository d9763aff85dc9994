using Starling.Messaging;

namespace Starling.Guides.Tests.Messaging;

public sealed class BatchTests
{
    [RpcService("prices")]
    public interface IPrices
    {
        Task<decimal> GetAsync(string symbol, CancellationToken cancellationToken);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Several_calls_go_together()
    {
        var services = new RpcServices().Add("prices/get", (string symbol) => symbol.Length).Add("seen", (string _) => { });
        await using var server = new RpcServer(services);
        var address = await server.ListenAsync("tcp://127.0.0.1:0", Stop);
        await using var client = await RpcClient.ConnectAsync(address.ToString(), cancellationToken: Stop);
        // begin batch
        var batch = client.CreateBatch();
        var first = batch.InvokeAsync<decimal>("prices/get", ["MSFT"], timeout: TimeSpan.FromSeconds(5));
        var second = batch.GetService<IPrices>().GetAsync("ACME", CancellationToken.None);
        batch.Notify("seen", "two prices");
        await batch.SendAsync();
        var sum = await first + await second;                     // each has its own result, error and time-out
        // end
        Assert.Equal(8, sum);
    }
}
