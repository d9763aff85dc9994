using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Starling.Guides.Tests.FromNode;

public sealed class HttpStreamTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_that_is_written_and_read_piece_by_piece_until_its_reader_goes_away()
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // begin stream
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(30);                   // server.headersTimeout
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(65);                        // server.keepAliveTimeout
            kestrel.Limits.MaxRequestBodySize = 1_000_000;                                     // Node has no limit of its own
        });
        await using var app = builder.Build();
        app.MapGet("/ticks", async (HttpContext context) =>
        {
            context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
            try
            {
                for (var tick = 1; ; tick++)
                {
                    await context.Response.WriteAsync($"tick {tick}\n", context.RequestAborted);   // res.write(…)
                    await Task.Delay(10, context.RequestAborted);
                }
            }
            catch (OperationCanceledException)
            {
                left.SetResult();                                                              // req.on('close')
            }
        });
        app.Urls.Add("http://127.0.0.1:0");
        await app.StartAsync(Stop);

        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var abort = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        abort.CancelAfter(TimeSpan.FromSeconds(10));                                           // fetch(url, { signal: AbortSignal.timeout(10_000) })
        using var response = await http.GetAsync("ticks", HttpCompletionOption.ResponseHeadersRead, abort.Token);
        using (var reader = new StreamReader(await response.Content.ReadAsStreamAsync(abort.Token)))
        {
            while (await reader.ReadLineAsync(abort.Token) is not "tick 3")
            {
            }
        }
        // end
        response.Dispose();
        await left.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop);
    }
}
