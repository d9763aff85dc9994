using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Starling.Worker;

namespace Starling.Host.Serving;

/// <summary>One run of the server: compose, start, say what is where, wait for the end.</summary>
internal static class ServerProcess
{
    private const string DefaultUrl = "http://localhost:8080";
    private const int Failed = 1;

    public static async Task<int> RunAsync(string[] urls, string? data, bool verbose, CancellationToken cancellationToken)
    {
        WebApplication app;
        try
        {
            app = Composition.Build(data, verbose);
        }
        catch (Exception exception) when (exception is OptionsValidationException or InvalidDataException or InvalidOperationException)
        {
            await Console.Error.WriteLineAsync("The settings cannot be used: " + Message(exception));
            return Failed;
        }

        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"The data folder cannot be used: {exception.Message} Choose another one with --data.");
            return Failed;
        }

        await using (app)
        {
            if (urls.Length == 0 && app.Configuration["urls"] is { Length: > 0 } configured)
            {
                urls = configured.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            }

            var isGivenSockets = app.Services.GetRequiredService<IStarlingWorker>().HasPassedSockets;
            urls = urls.Length > 0 || isGivenSockets ? urls : [DefaultUrl];
            foreach (var url in urls)
            {
                app.Urls.Add(url);
            }

            try
            {
                await app.StartAsync(cancellationToken);
            }
            catch (Exception exception) when (Explain(exception, urls) is { } explanation)
            {
                await Console.Error.WriteLineAsync(explanation);
                return Failed;
            }

            Banner.Write(Console.Out, app.Urls);
            await app.WaitForShutdownAsync(cancellationToken);
        }

        return 0;
    }

    private static string? Explain(Exception exception, string[] urls) => exception switch
    {
        InvalidOperationException or CryptographicException when urls.FirstOrDefault(IsHttps) is { } url => ExplainCertificate(exception, url),
        IOException { InnerException: AddressInUseException } => exception.Message + " Stop what listens there, or choose another address with --urls.",
        IOException => exception.Message,
        SocketException { SocketErrorCode: SocketError.AccessDenied } =>
            "Listening there is not permitted; ports below 1024 are mostly kept for root. Choose another address with --urls.",
        SocketException => exception.Message,
        InvalidOperationException => exception.Message,
        _ => null,
    };

    private static bool IsHttps(string url) => url.StartsWith("https:", StringComparison.OrdinalIgnoreCase);

    private static string ExplainCertificate(Exception exception, string url) =>
        $"Cannot listen on {url}: {(exception is CryptographicException ? $"the certificate cannot be used ({exception.Message})." : "there is no certificate.")} "
        + "Name a PEM file and its key by STARLING_Kestrel__Certificates__Default__Path and …__KeyPath, or listen on http behind a proxy that ends TLS.";

    private static string Message(Exception exception) =>
        exception.InnerException is { } inner ? exception.Message + " " + inner.Message : exception.Message;
}
