using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Starling.Protocol.WebSockets;
using Starling.Server.Transports.WebSockets;

namespace Starling.Server.Tests.Transports;

/// <summary>Subprotocols and compression of plain WebSockets.</summary>
public sealed class WebSocketAcceptorTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, bool> Servers => new() { { "1.1", false }, { "1.1", true }, { "2.0", false } };

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task The_first_subprotocol_of_the_client_that_the_server_has_is_chosen(string version, bool lean)
    {
        await using var app = await StartAsync(version, lean);
        using var client = new ClientWebSocket();
        client.Options.AddSubProtocol("yaml");
        client.Options.AddSubProtocol("xml");
        client.Options.AddSubProtocol("json");

        await ConnectAsync(client, app, version, "/options");

        Assert.Equal("xml", client.SubProtocol);
        Assert.Equal("xml", await AskAsync(client, "subprotocol"));
    }

    [Fact]
    public async Task The_argument_counts_instead_of_the_option()
    {
        await using var app = await StartAsync();
        using var client = new ClientWebSocket();
        client.Options.AddSubProtocol("xml");
        client.Options.AddSubProtocol("v2");

        await ConnectAsync(client, app, "1.1", "/argument");

        Assert.Equal("v2", client.SubProtocol);
    }

    [Fact]
    public async Task Without_one_in_common_the_connection_has_none()
    {
        await using var app = await StartAsync();
        using var client = new ClientWebSocket();
        client.Options.AddSubProtocol("yaml");

        await ConnectAsync(client, app, "1.1", "/options");

        Assert.Null(client.SubProtocol);
        Assert.Equal("none", await AskAsync(client, "subprotocol"));
    }

    [Fact]
    public async Task Socket_IO_takes_the_first_subprotocol_as_the_reference_server_does()
    {
        await using var server = await RunningServer.StartAsync();
        using var client = new ClientWebSocket();
        client.Options.AddSubProtocol("first");
        client.Options.AddSubProtocol("second");

        await client.ConnectAsync(new Uri($"ws://{server.Url.Authority}/socket.io/?EIO=4&transport=websocket"), Stop);

        Assert.Equal("first", client.SubProtocol);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Messages_are_compressed_for_clients_that_offer_it(string version, bool lean)
    {
        await using var app = await StartAsync(version, lean);
        using var client = new ClientWebSocket();
        client.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        client.Options.CollectHttpResponseDetails = true;
        await ConnectAsync(client, app, version, "/options");

        Assert.Contains("permessage-deflate", client.HttpResponseHeaders!["Sec-WebSocket-Extensions"].Single(), StringComparison.Ordinal);
        var large = new string('a', 100_000);
        Assert.Equal(large, await AskAsync(client, large));
        Assert.Equal("small", await AskAsync(client, "small"));
    }

    [Fact]
    public async Task A_large_message_is_shorter_on_the_wire_and_a_small_one_is_sent_as_it_is()
    {
        await using var app = await StartAsync();
        using var tcp = new System.Net.Sockets.TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, new Uri(app.Urls.Single()).Port, Stop);
        await using var stream = tcp.GetStream();
        await stream.WriteAsync(
            """
            GET /options HTTP/1.1
            Host: localhost
            Connection: Upgrade
            Upgrade: websocket
            Sec-WebSocket-Version: 13
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
            Sec-WebSocket-Extensions: permessage-deflate


            """u8.ToArray().Where(value => value != '\r').SelectMany(value => value == '\n' ? "\r\n"u8.ToArray() : [value]).ToArray(), Stop);
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            head.Append((char)await ReadByteAsync(stream));
        }

        // Masked with a key of zeros: the texts "big" and "tiny".
        await stream.WriteAsync(new byte[] { 0x81, 0x83, 0, 0, 0, 0, (byte)'b', (byte)'i', (byte)'g' }, Stop);
        Assert.Equal(0xC1, await ReadByteAsync(stream));
        var length = await ReadByteAsync(stream);
        Assert.InRange(length, 1, 125);
        var compressed = new byte[length];
        await stream.ReadExactlyAsync(compressed, Stop);
        using var message = new Starling.Protocol.Buffers.PooledBuffer();
        Assert.Equal(CloseCode.None, PermessageDeflate.Decompress(compressed, message, maxLength: 10_000));
        Assert.Equal(Big, Encoding.UTF8.GetString(message.Written));

        await stream.WriteAsync(new byte[] { 0x81, 0x84, 0, 0, 0, 0, (byte)'t', (byte)'i', (byte)'n', (byte)'y' }, Stop);
        Assert.Equal(0x81, await ReadByteAsync(stream));
        Assert.Equal(4, await ReadByteAsync(stream));
    }

    [Fact]
    public void Settings_that_cannot_work_are_refused_with_their_value()
    {
        static string Refusal(WebSocketAcceptorOptions options) =>
            Assert.Throws<ArgumentException>(() => new WebSocketAcceptor(options, TimeProvider.System).Dispose()).Message;

        Assert.Contains("'a b'", Refusal(new WebSocketAcceptorOptions { Subprotocols = ["a b"] }), StringComparison.Ordinal);
        Assert.Contains("-1", Refusal(new WebSocketAcceptorOptions { CompressionThreshold = -1 }), StringComparison.Ordinal);
        Assert.Contains("MaxMessageBytes is 0", Refusal(new WebSocketAcceptorOptions { MaxMessageBytes = 0 }), StringComparison.Ordinal);
    }

    private static string Big { get; } = new('b', 5000);

    private static async Task<int> ReadByteAsync(Stream stream)
    {
        var one = new byte[1];
        await stream.ReadExactlyAsync(one, Stop);
        return one[0];
    }

    private static async Task<WebApplication> StartAsync(string version = "1.1", bool lean = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (lean)
        {
            builder.WebHost.UseLeanWebSockets();
        }

        var protocols = version == "2.0" ? HttpProtocols.Http2 : HttpProtocols.Http1;
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Protocols = protocols));
        var app = builder.Build();
        var acceptor = new WebSocketAcceptor(new WebSocketAcceptorOptions { Subprotocols = ["json", "xml"], Compression = true }, TimeProvider.System);
        app.Lifetime.ApplicationStopped.Register(acceptor.Dispose);
        app.Map("/options", async context =>
        {
            if (await acceptor.AcceptAsync(context) is { } connection)
            {
                await connection.ServeAsync(new Answering(connection));
            }
        });
        app.Map("/argument", async context =>
        {
            if (await acceptor.AcceptAsync(context, ["v1", "v2"]) is { } connection)
            {
                await connection.ServeAsync(new Answering(connection));
            }
        });
        await app.StartAsync(Stop);
        return app;
    }

    private static async Task ConnectAsync(ClientWebSocket client, WebApplication app, string version, string path)
    {
        client.Options.HttpVersion = Version.Parse(version);
        client.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        await client.ConnectAsync(
            new Uri($"ws://{new Uri(app.Urls.Single()).Authority}{path}"),
            version == "2.0" ? new HttpMessageInvoker(new SocketsHttpHandler()) : null,
            Stop);
    }

    private static async Task<string> AskAsync(ClientWebSocket client, string question)
    {
        var raw = new RawClient(client);
        await raw.SendAsync(question);
        return await raw.ReceiveAsync();
    }

    private sealed class Answering(WebSocketConnection connection) : IWebSocketHandler
    {
        public ValueTask OnMessageAsync(Message message)
        {
            connection.Send(Encoding.UTF8.GetString(message.Payload.Span) switch
            {
                "subprotocol" => Encoding.UTF8.GetBytes(connection.Subprotocol ?? "none"),
                "big" => Encoding.UTF8.GetBytes(Big),
                _ => message.Payload.ToArray(),
            });
            return ValueTask.CompletedTask;
        }

        public void OnSlowClient()
        {
        }

        public void OnClosed(WebSocketEnd end)
        {
        }
    }
}
