using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Starling.Server.Backplane;
using Starling.Server.Channels;
using Starling.Server.Channels.Authorization;
using Starling.Server.Presence;

namespace Starling.Server.Tests.Channels;

/// <summary>A hub in this process, on Kestrel and a free port.</summary>
internal sealed class RunningHub : IAsyncDisposable
{
    public const string Path = "/.well-known/mercure";

    private readonly WebApplication _app;

    private RunningHub(WebApplication app)
    {
        _app = app;

        // A stream that is disposed of is closed at once, and not read for two more seconds; and a machine that builds beside may be slow.
        var handler = new SocketsHttpHandler { UseCookies = false, ResponseDrainTimeout = TimeSpan.Zero };
        Http = new HttpClient(handler) { BaseAddress = Url, Timeout = TimeSpan.FromSeconds(60) };
    }

    public Uri Url => new(_app.Urls.Single());

    public HttpClient Http { get; }

    public IChannelPublisher Publisher => _app.Services.GetRequiredService<IChannelPublisher>();

    public IChannelSubscriber Subscriber => _app.Services.GetRequiredService<IChannelSubscriber>();

    public IPresence Presence => _app.Services.GetRequiredService<IPresence>();

    public static async Task<RunningHub> StartAsync(
        Action<ChannelOptions>? configure = null, IBackplane? backplane = null, TimeProvider? time = null, Action<WebApplicationBuilder>? build = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddChannels(options =>
        {
            options.Keys.Add(new TokenKey { Key = Token.Secret, Issuer = Token.Issuer });
            configure?.Invoke(options);
        });
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(5));
        if (backplane is not null)
        {
            builder.Services.AddSingleton(backplane);
        }

        if (time is not null)
        {
            builder.Services.AddSingleton(time);
        }

        build?.Invoke(builder);
        var app = builder.Build();
        app.MapChannels();
        app.Urls.Add("http://127.0.0.1:0");
        await app.StartAsync();
        return new RunningHub(app);
    }

    /// <summary>Sends a form as a publisher.</summary>
    public async Task<HttpResponseMessage> PostAsync(string form, string? token = null, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Path)
        {
            Content = new StringContent(form, MediaTypeHeaderValue.Parse("application/x-www-form-urlencoded")),
        };
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        }

        change?.Invoke(request);
        return await Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async Task<string> PublishAsync(string topic, string data, string more = "")
    {
        using var response = await PostAsync($"topic={Uri.EscapeDataString(topic)}&data={Uri.EscapeDataString(data)}{more}", Token.Everything());
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Opens an event stream.</summary>
    public async Task<EventStream> SubscribeAsync(string query, string? token = null, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Path}?{query}");
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        }

        if (lastEventId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        }

        var response = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        return new EventStream(response);
    }

    public async Task<HttpResponseMessage> GetAsync(string pathAndQuery, string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, pathAndQuery);
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        }

        return await Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }
}

/// <summary>The client's end of an event stream, read by the parser of .NET.</summary>
internal sealed class EventStream : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly IAsyncEnumerator<SseItem<string>>? _events;
    private readonly SseParser<string>? _parser;

    public EventStream(HttpResponseMessage response)
    {
        _response = response;
        if (response.IsSuccessStatusCode)
        {
            _parser = SseParser.Create(response.Content.ReadAsStream());
            _events = _parser.EnumerateAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();
        }
    }

    public HttpResponseMessage Response => _response;

    /// <summary>The id that the client would send when it reconnects.</summary>
    public string LastEventId => _parser!.LastEventId;

    public TimeSpan ReconnectionInterval => _parser!.ReconnectionInterval;

    public async Task<SseItem<string>> NextAsync()
    {
        Assert.True(await _events!.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30)), "The stream ended.");
        return _events.Current;
    }

    /// <summary>Whether the stream ends, without an event before.</summary>
    public async Task<bool> EndsAsync() => !await _events!.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    public ValueTask DisposeAsync()
    {
        _response.Dispose();
        return ValueTask.CompletedTask;
    }
}
