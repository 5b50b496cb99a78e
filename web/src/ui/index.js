// SPDX-License-Identifier: Apache-2.0
// All that pages are made of. web/README.md shows how.
export { Badge, State } from "./badge.jsx";
export { Button, ButtonLink, Spinner } from "./button.jsx";
export { Combobox } from "./combobox.jsx";
export { confirmPassword } from "./confirm.jsx";
export { copy, CopyButton, download, Secret, Snippet } from "./copy.jsx";
export { DangerDialog, Dialog, Panel } from "./dialog.jsx";
export { ErrorBox, Notice, useCountdown } from "./error.jsx";
export { Checkbox, Choice, Field, Form, PasswordField, Select, Switch, TextArea, TextField } from "./field.jsx";
export { Icon, Mark, Wordmark } from "./icon.jsx";
export { classes, useUid } from "./id.js";
export { Menu } from "./menu.jsx";
export { Card, Facts, Page, Progress, Skeleton } from "./page.jsx";
export { Empty, Pagination, Table } from "./table.jsx";
export { Tabs } from "./tabs.jsx";
export { duration, exactly, fromNow, Time } from "./time.jsx";
export { toast } from "./toast.jsx";
export { Tooltip } from "./tooltip.jsx";
