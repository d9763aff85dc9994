using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;
using Starling.Supervisor.Logs;

namespace Starling.Host.Supervising;

/// <summary>How lines of logs are printed.</summary>
internal sealed class LineForm(bool isRaw, bool isJson)
{
    private static readonly JsonSerializerOptions OneLine = new(SupervisorCall.Json)
    {
        WriteIndented = false,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public void Print(LogLine line)
    {
        if (isJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(line, OneLine));
            return;
        }

        if (line.Lost > 0)
        {
            AnsiConsole.MarkupLineInterpolated($"[yellow]({line.Lost} lines came too fast and are left out here; the files have them)[/]");
        }

        if (isRaw)
        {
            Console.WriteLine(line.Text);
            return;
        }

        var color = line.Stream == LogStream.Out ? "green" : "red";
        AnsiConsole.Markup($"[{color}]{Markup.Escape(line.App)} ({line.Id}) |[/] ");
        Console.WriteLine(line.Text);
    }
}
