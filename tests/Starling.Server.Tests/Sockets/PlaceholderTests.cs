using System.Text.Json;
using Starling.Server.Sockets;

namespace Starling.Server.Tests.Sockets;

public sealed class PlaceholderTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_forged_placeholder_closes_its_sender_and_is_neither_relayed_nor_stored(bool recovers)
    {
        await using var server = await RunningServer.StartAsync(options =>
            options.ConnectionStateRecovery = recovers ? new ConnectionStateRecoveryOptions() : null);
        server.Io.On("bcast", (Socket _, SocketEvent received) => server.Io.EmitAsync("bcast", received.Arguments).AsTask());
        var (hostile, other) = (await server.ConnectAsync(), await server.ConnectAsync());
        await hostile.SendAsync("""451-["bcast",{"_placeholder":true},{"_placeholder":true,"num":0}]""");
        await hostile.SendAsync([1]);
        Assert.StartsWith("closed", await hostile.ReceiveAsync(), StringComparison.Ordinal);
        Assert.Equal(0, server.Io.Main.Recovery?.Bytes ?? 0);
        await server.Io.EmitAsync("after");
        Assert.StartsWith("42[\"after\"", await other.ReceiveAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_object_that_looks_like_a_placeholder_is_not_sent_beside_bytes()
    {
        await using var server = await RunningServer.StartAsync();
        server.Io.On<JsonElement>("note", (_, value) => server.Io.EmitAsync("note", value, new byte[] { 1 }).AsTask());
        var (hostile, other) = (await server.ConnectAsync(), await server.ConnectAsync());
        await hostile.SendAsync("""42["note",{"_placeholder":true,"num":7}]""");
        await hostile.SendAsync("""42["note",{"_placeholder":false,"num":7}]""");
        Assert.Equal("""451-["note",{"_placeholder":false,"num":7},{"_placeholder":true,"num":0}]""", await other.ReceiveAsync());
        Assert.Equal("binary 01", await other.ReceiveAsync());

        var lookalike = JsonElement.Parse("""{"num":0,"_placeholder":true}""");
        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => server.Io.EmitAsync("note", lookalike, new byte[] { 1 }).AsTask());
        Assert.Contains("_placeholder", refusal.Message, StringComparison.Ordinal);
        await server.Io.EmitAsync("note", lookalike);
        Assert.Equal("""42["note",{"num":0,"_placeholder":true}]""", await other.ReceiveAsync());
    }
}
