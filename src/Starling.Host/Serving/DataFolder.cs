using System.Security.Cryptography;

namespace Starling.Host.Serving;

/// <summary>The folder in which the server keeps what must survive a restart. Its files are for the user who runs it only.</summary>
internal sealed class DataFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int KeyBytes = 48;

    private readonly string _path;

    public DataFolder(string? path)
    {
        _path = Path.GetFullPath(path ?? DefaultPath);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(_path);
        }
        else
        {
            Directory.CreateDirectory(_path, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Where data are kept when nothing else is said.</summary>
    public static string DefaultPath { get; } =
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "starling");

    /// <summary>The history of channels.</summary>
    public string ChannelHistory => Path.Combine(_path, "channels.history");

    private string PublishingKeyFile => Path.Combine(_path, "publishing.key");

    /// <summary>The path of an application's file.</summary>
    public string File(string name) => Path.Combine(_path, name);

    /// <summary>The secret with which this user's programs publish, made when it is asked for the first time.</summary>
    public string PublishingKey()
    {
        if (ReadPublishingKey() is { } known)
        {
            return known;
        }

        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes));
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using var writer = new StreamWriter(PublishingKeyFile, options);
        writer.Write(key);
        return key;
    }

    /// <summary>The secret, or null when no server has made one in this folder.</summary>
    public string? ReadPublishingKey() => System.IO.File.Exists(PublishingKeyFile) ? System.IO.File.ReadAllText(PublishingKeyFile).Trim() : null;
}
