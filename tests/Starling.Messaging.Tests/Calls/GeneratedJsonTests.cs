using System.Text.Json;
using System.Text.Json.Serialization;

namespace Starling.Messaging.Tests.Calls;

/// <summary>With a generated context as its only resolver nothing is written or read by reflection: what the context lacks is refused, by name, before the first call.</summary>
public sealed partial class GeneratedJsonTests
{
    public interface IShop
    {
        Task<Order> BuyAsync(Order order, CancellationToken cancellationToken);

        IAsyncEnumerable<Order> OrdersAsync(int count, IProgress<int> progress, CancellationToken cancellationToken);

        Task<Stream> LabelAsync(Stream logo);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("tcp")]
    [InlineData("inproc")]
    [InlineData("inproc-bytes")]
    public async Task A_service_needs_nothing_but_its_context(string link)
    {
        var folder = Directory.CreateTempSubdirectory("starling-generated");
        var options = new MessagingOptions { JsonSerializerOptions = Generated(), ShareObjectsInProcess = link != "inproc-bytes", Identity = new PeerIdentity("shop-1", "customer") };
        await using var server = new RpcServer(new RpcServices().Add<IShop>(new Shop()), options);
        var address = await server.ListenAsync(RunningService.AddressOf(link, folder.FullName), Stop);
        await using var client = await RpcClient.ConnectAsync(address.ToString(), null, options, Stop);
        var shop = client.GetService<IShop>();
        Assert.Equal(new Order("MSFT", 6), await shop.BuyAsync(new Order("MSFT", 5), Stop));
        Assert.Equal(3, await shop.OrdersAsync(3, new Progress<int>(), Stop).CountAsync(Stop));
        await using var label = await shop.LabelAsync(new MemoryStream([1, 2, 3]));
        var bytes = new byte[3];
        await label.ReadExactlyAsync(bytes, Stop);
        Assert.Equal([1, 2, 3], bytes);
        Assert.Equal(new Order("A", 2), await client.InvokeAsync<Order>("buy", [new Order("A", 1)], null, Stop));
        folder.Delete();
    }

    [Fact]
    public void A_type_that_the_context_lacks_is_named_when_the_service_is_set_up()
    {
        var options = new MessagingOptions { JsonSerializerOptions = Generated() };
        var failure = Assert.ThrowsAny<Exception>(() => new RpcServer(new RpcServices().Add("area", (Uri where) => 1), options));
        Assert.Contains("System.Uri", failure.Message, StringComparison.Ordinal);
    }

    private static JsonSerializerOptions Generated() => new(JsonSerializerDefaults.Web) { TypeInfoResolver = ShopJson.Default };

    public sealed record Order(string Symbol, int Count);

    [JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
    [JsonSerializable(typeof(Order))]
    [JsonSerializable(typeof(int))]
    private sealed partial class ShopJson : JsonSerializerContext;

    private sealed class Shop : IShop
    {
        public Task<Order> BuyAsync(Order order, CancellationToken cancellationToken) => Task.FromResult(order with { Count = order.Count + 1 });

        public async IAsyncEnumerable<Order> OrdersAsync(
            int count, IProgress<int> progress, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            for (var i = 0; i < count; i++)
            {
                await Task.Yield();
                cancellationToken.ThrowIfCancellationRequested();
                yield return new Order("X", i);
            }
        }

        public async Task<Stream> LabelAsync(Stream logo)
        {
            var copy = new MemoryStream();
            await logo.CopyToAsync(copy);
            copy.Position = 0;
            return copy;
        }
    }
}
