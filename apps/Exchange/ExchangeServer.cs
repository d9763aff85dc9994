using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Starling.Apps.Exchange.Books;
using Starling.Apps.Exchange.Trading;
using Starling.Messaging.Multicast;

namespace Starling.Apps.Exchange;

/// <summary>A running exchange: books, door for clients, feed.</summary>
public sealed class ExchangeServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly MulticastPublisher _publisher;
    private readonly ServerConsole _console;

    private ExchangeServer(WebApplication app, Ledger ledger, MulticastPublisher publisher, ServerConsole console)
    {
        (_app, Ledger, _publisher, _console) = (app, ledger, publisher, console);
    }

    /// <summary>The books.</summary>
    public Ledger Ledger { get; }

    /// <summary>Where clients connect.</summary>
    public IPEndPoint EndPoint => IPEndPoint.Parse(new Uri(_app.Urls.Single()).Authority);

    /// <summary>Where subscribers of the feed fetch what they missed.</summary>
    public IPEndPoint Recovery => _publisher.Recovery;

    /// <summary>Opens the books and the doors.</summary>
    /// <param name="options">Where.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">An address or the file cannot be used.</exception>
    public static async Task<ExchangeServer> StartAsync(ExchangeOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var ledger = new Ledger(options.File, options.TimeProvider);
        MulticastPublisher? publisher = null;
        try
        {
            publisher = Publish(options);
            var feed = new Feed(publisher);
            var app = await ListenAsync(options, ledger, feed, new FeedLocation(options.Feed, publisher.Recovery, publisher.Session), cancellationToken);
            return new ExchangeServer(app, ledger, publisher, new ServerConsole(ledger, feed));
        }
        catch
        {
            await (publisher?.DisposeAsync() ?? ValueTask.CompletedTask);
            await ledger.DisposeAsync();
            throw;
        }
    }

    /// <summary>Carries out a line of the operator's console.</summary>
    /// <param name="line">The line.</param>
    /// <returns>What to print, or null to stop.</returns>
    public Task<string?> ConsoleAsync(string line) => _console.HandleAsync(line);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();

        // Before the feed, which takes its time to say that it ends.
        await Ledger.DisposeAsync();
        await _publisher.DisposeAsync();
    }

    private static MulticastPublisher Publish(ExchangeOptions options)
    {
        try
        {
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            probe.Bind(new IPEndPoint(options.FeedInterface, 0));
        }
        catch (SocketException exception)
        {
            throw new IOException($"--feed-interface {options.FeedInterface} is no address of this machine that can be used: {exception.Message}", exception);
        }

        try
        {
            return MulticastPublisher.Start(new MulticastFeedOptions
            {
                Group = options.Feed.Address,
                Port = options.Feed.Port,
                Interface = options.FeedInterface,
                Recovery = options.Recovery,
                HeartbeatInterval = options.FeedHeartbeat,
                LoggerFactory = options.LoggerFactory,
            });
        }
        catch (SocketException exception)
        {
            throw new IOException($"--recovery {options.Recovery} cannot be listened on: {exception.Message}", exception);
        }
        catch (ArgumentException exception)
        {
            throw new IOException($"--feed {options.Feed} cannot be used: {exception.Message}", exception);
        }
    }

    private static async Task<WebApplication> ListenAsync(
        ExchangeOptions options, Ledger ledger, Feed feed, FeedLocation location, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(ledger);
        builder.Services.AddSingleton(feed);
        builder.Services.AddSingleton(location);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(options.Listen, endpoint => endpoint.UseConnectionHandler<TradingHandler>()));
        var app = builder.Build();
        try
        {
            await app.StartAsync(cancellationToken);
            return app;
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            await app.DisposeAsync();
            throw new IOException($"--listen {options.Listen} cannot be listened on: {exception.GetBaseException().Message}", exception);
        }
    }
}
